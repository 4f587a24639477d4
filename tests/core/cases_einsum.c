/* Cases of ops/einsum.c. */
#include "case.h"

#define E(text) "{\"equation\": \"" text "\"}"

static const op_case rows[] = {
    CASE(Einsum, E("ij,jk->ik"), "f[2,3]{1,2,3,4,5,6} f[3,2]{1,0,0,1,1,1}", "f[2,2]{4,5,10,11}"),
    CASE(Einsum, E("ij,kj->ki"), "f[2,3]{1,2,3,4,5,6} f[2,3]{1,0,0,0,1,1}", "f[2,2]{1,4,5,11}"),
    CASE(Einsum, E("ij,jk"), "f[3,4] f[4,5]", "f[3,5]"),
    CASE(Einsum, E("ba,cb"), "f[2,3]{1,2,3,4,5,6} f[2,2]{1,0,1,1}", "f[3,2]{1,5,2,7,3,9}"),
    CASE(Einsum, E("i,i->"), "f[3]{1,2,3} f[3]{4,5,6}", "f[]{32}"),
    CASE(Einsum, E("i,j->ij"), "f[2]{1,2} f[3]{4,5,6}", "f[2,3]{4,5,6,8,10,12}"),
    CASE(Einsum, E(" i , i -> i "), "f[3] f[3]", "f[3]"),
    CASE(Einsum, E("ij->ji"), "f[2,3]{1,2,3,4,5,6}", "f[3,2]{1,4,2,5,3,6}"),
    CASE(Einsum, E("ijk->j"), "f[2,2,2]{1,2,3,4,5,6,7,8}", "f[2]{14,22}"),
    CASE(Einsum, E("ii->i"), "f[2,2]{1,2,3,4}", "f[2]{1,4}"),
    CASE(Einsum, E("ii"), "f[2,2]{1,2,3,4}", "f[]{5}"),
    CASE(Einsum, E("iij,j->i"), "f[3,3,2] f[2]", "f[3]"),
    CASE(Einsum, E("aecd,abcd->acbe"), "f[2,5,3,4] f[2,6,3,4]", "f[2,3,6,5]"),
    CASE(Einsum, E("acbe,aecd->abcd"), "f[2,3,6,5] f[2,5,3,4]", "f[2,6,3,4]"),
    CASE(Einsum, E("abc,cde->abde"), "f[2,3,4] f[4,5,2]", "f[2,3,5,2]"),
    CASE(Einsum, E("abcd,cde->abe"), "f[2,3,4,2] f[4,2,5]", "f[2,3,5]"),
    CASE(Einsum, E("...x,xy->...y"), "f[2,3,4] f[4,5]", "f[2,3,5]"),
    CASE(Einsum, E("...x,xy->...y"), "f[4] f[4,5]", "f[5]"),
    CASE(Einsum, E("ab...,bc->ac..."), "f[2,3,4,5] f[3,2]", "f[2,2,4,5]"),
    CASE(Einsum, E("...ij,...jk->...ik"), "f[2,1,3,4] f[5,4,2]", "f[2,5,3,2]"),
    CASE(Einsum, E("...ij,...jk"), "f[3,4] f[5,4,2]", "f[5,3,2]"),
    CASE(Einsum, E("...->..."), "f[2,3]", "f[2,3]"),
    CASE(Einsum, E("ij,jk,kl->il"), "f[2,3] f[3,4] f[4,2]", "f[2,2]"),
    CASE(Einsum, E("bn,anm,bm->ba"), "f[2,3] f[4,3,5] f[2,5]", "f[2,4]"),
    CASE(Einsum, E("ij,jk->ik"), "f[2,1] f[1,3]", "f[2,3]"),
    CASE(Einsum, E("ij,ij->ij"), "f[1,3] f[2,1]", "f[2,3]"),
    CASE(Einsum, E("ij,kl->ik"), "f[2,3] f[3,2]", "f[2,3]"),
    CASE(Einsum, E("ij,jk->ik"), "f[3,0] f[0,2]", "f[3,2]{0,0,0,0,0,0}"),
    CASE(Einsum, E("ij,jk->ik"), "f[0,3] f[3,2]", "f[0,2]"),
    CASE(Einsum, E("ij,jk->ik"), "f[2,3] f[4,2]", "!SHAPE"),
    CASE(Einsum, E("ij,jk->im"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("ij,jk->ii"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("ij->ij"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("ij,jk,kl->il"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("ijk,jk->ik"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("i1,1k->ik"), "f[2,3] f[3,2]", "!SHAPE"),
    CASE(Einsum, E("i..j->ij"), "f[2,3]", "!SHAPE"),
    CASE(Einsum, E("abcdefghi,a->a"), "f[2] f[2]", "!SHAPE"),
    CASE(Einsum, E("i,i->i"), "i[2] i[2]", "!DTYPE"),
};

OP_FAMILY(einsum)

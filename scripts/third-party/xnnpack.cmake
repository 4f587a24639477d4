# XNNPACK and pthreadpool as one static library, libxnnpack.a.
#
# Upstream's CMake refuses Emscripten, never lists the WASM kernels and wants to download its dependencies, so this project
# replaces it. The kernel lists are upstream's own (cmake/gen, the PROD half: about a tenth of all kernels, the ones that the
# operators can choose). scripts/setup/xnnpack.mjs copies this file in as the CMakeLists.txt of a throw-away project and runs it.
cmake_minimum_required(VERSION 3.22)
project(xnnpack C CXX)

set(XNNPACK_DIR "" CACHE PATH "unpacked XNNPACK")
set(PTHREADPOOL_DIR "" CACHE PATH "unpacked pthreadpool")
set(FXDIV_DIR "" CACHE PATH "unpacked FXdiv")
set(SHIM_DIR "" CACHE PATH "our shim headers: scripts/third-party/shim")
option(RELAXED "WASM: add the relaxed SIMD kernels" OFF)
option(THREADS "WASM: build with -pthread" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_CXX_STANDARD 14)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)

# CMAKE_BUILD_TYPE=Release brings -O3. On WASM, where every byte is downloaded, -Os for the operators and -O2 for the kernels
# took 15% off a compressed module of the f32 operators, and nothing off its speed (packing, GEMM, depthwise, pooling, softmax).
if(EMSCRIPTEN)
  set(OPERATOR_LEVEL -Os)
  set(KERNEL_LEVEL -O2)
endif()

# ---- which instruction sets, and which compiler flags each needs
if(EMSCRIPTEN)
  set(ISAS scalar wasm wasmsimd)
  if(RELAXED)
    list(APPEND ISAS wasmrelaxedsimd)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(ISAS scalar sse sse2 ssse3 sse41 avx f16c fma3 avx2 avx512f avx512skx)
  set(FLAGS_ssse3 -mssse3)
  set(FLAGS_sse41 -msse4.1)
  set(FLAGS_avx -mavx)
  set(FLAGS_f16c -mf16c)
  set(FLAGS_fma3 -mf16c -mfma)
  set(FLAGS_avx2 -mf16c -mfma -mavx2)
  set(FLAGS_avx512f -mavx512f)
  set(FLAGS_avx512skx -mf16c -mfma -mavx512f -mavx512cd -mavx512bw -mavx512dq -mavx512vl)
else()
  message(FATAL_ERROR "No kernel list for ${CMAKE_SYSTEM_PROCESSOR} yet: add its instruction sets here")
endif()

# ---- settings that every XNNPACK file is compiled with
add_library(settings INTERFACE)
foreach(feature
    ARM_FP16_VECTOR ARM_FP16_SCALAR ARM_BF16 ARM_DOTPROD ARM_I8MM ARM_SME ARM_SME2 RISCV_VECTOR
    AVXVNNI AVXVNNIINT8 AVX256SKX AVX256VNNI AVX256VNNIGFNI
    AVX512F AVX512SKX AVX512VBMI AVX512VNNI AVX512VNNIGFNI AVX512AMX AVX512FP16
    VSX HVX KLEIDIAI ASSEMBLY SPARSE DWCONV_MULTIPASS)
  set(enabled 0)
  string(TOLOWER ${feature} isa)
  if(isa IN_LIST ISAS)
    set(enabled 1)
  endif()
  target_compile_definitions(settings INTERFACE XNN_ENABLE_${feature}=${enabled})
endforeach()
target_compile_definitions(settings INTERFACE
  XNN_ENABLE_MEMOPT=1 XNN_ENABLE_GEMM_M_SPECIALIZATION=1 XNN_ENABLE_CPUINFO=$<NOT:$<BOOL:${EMSCRIPTEN}>>
  _GNU_SOURCE=1 XNN_LOG_LEVEL=0 PTHREADPOOL_NO_DEPRECATED_API=1)
target_include_directories(settings INTERFACE
  ${XNNPACK_DIR}/include ${XNNPACK_DIR}/src ${PTHREADPOOL_DIR}/include ${PTHREADPOOL_DIR}/src ${FXDIV_DIR}/include)
# -w: warnings in third-party code are not ours to act on.
target_compile_options(settings INTERFACE -w -ffunction-sections -fdata-sections -fno-math-errno)
if(EMSCRIPTEN)
  target_include_directories(settings BEFORE INTERFACE ${SHIM_DIR}/wasm)
  target_compile_options(settings INTERFACE -msimd128
    $<$<BOOL:${RELAXED}>:-mrelaxed-simd> $<$<BOOL:${THREADS}>:-pthread>)
else()
  target_include_directories(settings BEFORE INTERFACE ${SHIM_DIR}/x86)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# ---- the operators
file(GLOB operator_files
  ${XNNPACK_DIR}/src/operators/*.c ${XNNPACK_DIR}/src/subgraph/*.c ${XNNPACK_DIR}/src/configs/*.c
  ${XNNPACK_DIR}/src/tables/*.c ${XNNPACK_DIR}/src/enums/*.c ${XNNPACK_DIR}/src/reference/*.cc)
set(base_files allocator cache datatype indirection init log memory memory-planner microkernel-utils microparams-init mutex
  normalization operator-delete operator-run operator-utils params runtime subgraph tensor)
list(TRANSFORM base_files REPLACE "(.+)" "${XNNPACK_DIR}/src/\\1.c")

# Upstream hashes its kernels into an identifier with a Python script, so that packed weights stored on disk are not given to
# another build. We store none.
file(WRITE ${CMAKE_BINARY_DIR}/build_identifier.c "
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
static const uint8_t id[] = {'h', 'o', 'r', 'n'};
size_t xnn_experimental_get_build_identifier_size(void) { return sizeof(id); }
const void* xnn_experimental_get_build_identifier_data(void) { return id; }
bool xnn_experimental_check_build_identifier(const void* data, size_t size) {
  return size == sizeof(id) && !memcmp(data, id, size);
}
")

# ---- pthreadpool: futexes natively and on WASM threads, else the single-threaded stand-in
if(THREADS OR NOT EMSCRIPTEN)
  set(pthreadpool_files memory portable-api pthreads fastpath)
else()
  set(pthreadpool_files shim)
endif()
list(TRANSFORM pthreadpool_files REPLACE "(.+)" "${PTHREADPOOL_DIR}/src/\\1.c")
set_source_files_properties(${pthreadpool_files} PROPERTIES
  COMPILE_DEFINITIONS "PTHREADPOOL_USE_CONDVAR=0;PTHREADPOOL_USE_FUTEX=1")

add_library(xnnpack STATIC
  ${operator_files} ${base_files} ${CMAKE_BINARY_DIR}/build_identifier.c ${pthreadpool_files})
target_link_libraries(xnnpack PRIVATE settings)
target_compile_options(xnnpack PRIVATE ${OPERATOR_LEVEL})

# ---- the kernels: one unity-built object library for each instruction set, since each needs its own flags. (A unity build
# compiles several files as one: a third of the time.)
foreach(isa IN LISTS ISAS)
  string(TOUPPER ${isa} ISA)
  include(${XNNPACK_DIR}/cmake/gen/${isa}_microkernels.cmake)
  list(TRANSFORM PROD_${ISA}_MICROKERNEL_SRCS PREPEND ${XNNPACK_DIR}/ OUTPUT_VARIABLE kernel_files)
  add_library(kernels_${isa} OBJECT ${kernel_files})
  target_link_libraries(kernels_${isa} PRIVATE settings)
  target_compile_options(kernels_${isa} PRIVATE ${KERNEL_LEVEL} ${FLAGS_${isa}})
  set_target_properties(kernels_${isa} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 24)
  target_sources(xnnpack PRIVATE $<TARGET_OBJECTS:kernels_${isa}>)
endforeach()

install(TARGETS xnnpack ARCHIVE DESTINATION lib)
install(FILES ${XNNPACK_DIR}/include/xnnpack.h ${PTHREADPOOL_DIR}/include/pthreadpool.h DESTINATION include)

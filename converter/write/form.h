/* form.h: the core's topology as Kerases read it. */
#ifndef HORN_WRITE_FORM_H
#define HORN_WRITE_FORM_H

#include "load.h"

/** The model's {"class_name", "config"} for Keras 2 or 3 (`keras`); *out is released with horn__json_release. */
horn_status horn__form_topology(const horn__loaded *loaded, int32_t keras, cJSON **out);

#endif

// dtype_info.h - what numpy.iinfo and numpy.finfo tell of a dtype, as an object with attributes.
#pragma once

#include "interpreter/value.h"

namespace inlay {

/// Attributes bits, min, max, dtype. ValueError "Invalid integer data type 'f'."
Value integer_info(DType dtype);
/// Attributes bits, eps, max, min, tiny, resolution, …, for the floats that make up a complex dtype too.
/// ValueError "data type <class 'numpy.int64'> not inexact".
Value float_info(DType dtype);

}  // namespace inlay

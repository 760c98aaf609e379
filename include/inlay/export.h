// export.h - marks what the shared library exports; everything else in it is hidden.
#pragma once

#if defined(__GNUC__)
#define INLAY_API __attribute__((visibility("default")))
#else
#define INLAY_API
#endif

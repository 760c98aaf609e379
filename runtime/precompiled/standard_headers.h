// standard_headers.h - what most files include of the standard library and of fmt, precompiled once for each large
// target (docs/decisions/057). Invariant: no file of ours is included here, and no file relies on this one: builds with
// clang go without.
#ifndef INLAY_STANDARD_HEADERS_H  // `#pragma once` has no place in what is compiled by itself
#define INLAY_STANDARD_HEADERS_H

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#endif

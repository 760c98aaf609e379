// quantity.h - amounts as people read them: times and bytes, three digits and a unit.
#pragma once

#include <cstdint>
#include <string>

namespace inlay::program {

/// "1.23 ms"
std::string duration_text(double seconds);
/// Time still to wait: "3.2 s", "2 min 05 s", "3 h 20 min".
std::string clock_text(double seconds);
/// "1.5 MB"; a kB has 1000 bytes.
std::string bytes_text(std::uint64_t bytes);
/// "; 16 MB moved, 5.3 GB/s"; empty of nothing.
std::string moved_text(std::uint64_t bytes, double seconds);

}  // namespace inlay::program

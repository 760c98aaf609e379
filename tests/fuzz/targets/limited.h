// limited.h - what the targets share: an interpreter with small limits, and a Source of bytes.
// Invariant: whatever the bytes, a target ends within a second or so and under 64 MiB; only crashes are findings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "interpreter/evaluator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace inlay::fuzz {

inline Limits small_limits() {
  Limits limits;
  limits.fuel = 300'000;
  limits.memory = std::uint64_t{16} << 20;
  limits.depth = 60;
  limits.nesting = 60;
  limits.seconds = 5;
  limits.source = 1 << 14;
  return limits;
}

inline Host small_host(bool fuse = true) {
  Host host;
  host.limits = small_limits();
  host.fuse = fuse;
  return host;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline SourcePtr source_of(std::string_view text) { return std::make_shared<Source>("fuzz", std::string(text)); }

/// Runs a text; errors and exit() are no findings.
inline void run_quietly(Evaluator& evaluator, std::string_view text) {
  try {
    evaluator.run(evaluator.compile(source_of(text)));
  } catch (const Error& error) {
    INLAY_CHECK(error.kind() != ErrorKind::InternalError);
  } catch (const ExitRequest&) {
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace inlay::fuzz

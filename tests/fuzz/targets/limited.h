// limited.h - what the targets share: an interpreter with small limits, and a Source of bytes.
// Invariant: whatever the bytes, a target ends within a second or so and under 64 MiB; only crashes are findings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "interpreter/machine/evaluator.h"

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

/// Every variable with its type, and to the last bit.
inline std::string bits_of_variables(Evaluator& evaluator) {
  std::string out;
  for (const std::string& name : evaluator.variables().names()) {
    const Value* value = evaluator.variables().find(name);
    if (value == nullptr) continue;
    out.append(name).append(" ").append(type_name(*value)).append(" ");
    if (value->is_tensor()) {
      const Tensor x = value->tensor().contiguous();
      out.append(to_string(x.shape())).append(inlay::name(x.dtype()));
      out.append(reinterpret_cast<const char*>(x.bytes()), static_cast<std::size_t>(x.size() * x.itemsize()));
    } else {
      out += to_repr(*value);
    }
    out += '\n';
  }
  return out;
}

/// Dies with the program, and with what it gave in both ways, if that is not the same.
inline void require_same(const std::string& got, const std::string& expected, const std::string& program) {
  if (got == expected) return;
  std::fprintf(stderr, "%s\ngives\n%s\nand not\n%s\n", program.c_str(), got.c_str(), expected.c_str());
  INLAY_CHECK(got == expected);
}

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

// dlpack.cpp - any DLPack structure: what it says of memory that is there is taken and lent again, anything else is
// refused or at least not touched; but bools, which are looked at on their way in. Knows the C interface alone.
// Invariant: a tensor that was taken is deleted once, when the last value over it is gone; one that was refused is not.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "inlay/inlay.h"
#include "interpreter/api/dlpack_abi.h"
#include "tests/fuzz/targets/choices.h"
#include "tests/fuzz/targets/limited.h"

using inlay::fuzz::Choices;

namespace {

using Wide = inlay::int128;

constexpr std::size_t kMemory = 4096;  // bytes, of which tensors begin in the middle

/// Elements, beyond which a text would take the time of thousands of inputs: strides of 0 make much of little.
constexpr std::size_t kMostShown = 4096;

/// A producer's tensor, over memory of its own.
struct Lent {
  explicit Lent(Choices& choices) {
    for (std::size_t at = 0; at < kMemory; ++at) memory[at] = static_cast<unsigned char>(at % 2);
    managed.version.major = choices.below(8) == 7 ? choices.byte() : 1;
    managed.version.minor = choices.byte();
    managed.flags = choices.below(4);
    managed.manager_ctx = this;
    if (choices.below(8) != 7)
      managed.deleter = [](DLManagedTensorVersioned* self) { ++static_cast<Lent*>(self->manager_ctx)->deleted; };
    describe(choices);
  }

  void describe(Choices& choices) {
    constexpr DLDataType kTypes[] = {{2, 64, 1}, {2, 32, 1}, {2, 16, 1}, {4, 16, 1}, {0, 8, 1},
                                     {0, 64, 1}, {1, 16, 1}, {1, 64, 1}, {5, 64, 1}, {5, 128, 1},
                                     {6, 8, 1},  {2, 8, 1},  {0, 32, 2}, {9, 32, 1}};
    constexpr std::int32_t kRanks[] = {1, 2, 3, 0, 4, 8, 33, 64, 65, -1};
    DLTensor& tensor = managed.dl_tensor;
    tensor.dtype = choices.one_of(kTypes);
    tensor.device.device_type = choices.below(16) == 15 ? choices.byte() : 1;
    tensor.ndim = choices.one_of(kRanks);
    const bool has_strides = choices.coin();
    for (std::int32_t axis = 0; axis < tensor.ndim; ++axis) {
      shape.push_back(choices.coin() ? std::max<std::int64_t>(choices.number(), 0) : choices.number() & 3);
      if (choices.below(32) == 31) shape.back() = choices.number();
      strides.push_back(choices.number());
    }
    tensor.shape = shape.empty() ? nullptr : shape.data();
    tensor.strides = has_strides && !strides.empty() ? strides.data() : nullptr;
    tensor.data = choices.below(16) == 15 ? nullptr : memory + kMemory / 2;
    tensor.byte_offset = choices.below(4) == 3 ? choices.byte() : 0;
  }

  /// Whether every element lies in the memory; the address of each is computed without overflow.
  [[nodiscard]] bool is_true() const {
    const DLTensor& tensor = managed.dl_tensor;
    if (tensor.data == nullptr) return true;  // refused, or without elements
    const Wide item = tensor.dtype.bits / 8;
    Wide low = tensor.byte_offset, high = low + item, stride = item;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (shape[axis] == 0) return true;
      const Wide span = (Wide{shape[axis]} - 1) * (tensor.strides != nullptr ? Wide{strides[axis]} * item : stride);
      (span < 0 ? low : high) += span;
      if (tensor.strides == nullptr) stride *= shape[axis];
      if (stride > Wide{1} << 62 || high > Wide{1} << 80 || low < -(Wide{1} << 80)) return false;
    }
    return low + Wide{kMemory / 2} >= 0 && high + Wide{kMemory / 2} <= Wide{kMemory};
  }

  DLManagedTensorVersioned managed{};
  std::vector<std::int64_t> shape, strides;
  alignas(64) unsigned char memory[kMemory];
  int deleted = 0;
};

/// Reads a value as a script does, and lends it again.
void use(inlay_value* value, Choices& choices) {
  constexpr const char* kUses[] = {"y = sum(x)",        "x[...] = 0",  "y = x.copy(); y[:] = 1",
                                   "y = x.T; x[0] = 1", "y = repr(x)", "x += x"};
  inlay_limits limits;
  inlay_default_limits(&limits, sizeof limits);
  limits.fuel = 300000;
  limits.memory = 1 << 24;
  inlay_options options = INLAY_OPTIONS_INIT;
  options.limits = &limits;
  inlay_interpreter* in = nullptr;
  INLAY_CHECK(inlay_new(&options, &in, nullptr) == INLAY_OK);
  INLAY_CHECK(inlay_bind(in, "x", value, nullptr) == INLAY_OK);
  INLAY_CHECK(inlay_run(in, choices.one_of(kUses), nullptr, nullptr, nullptr) != INLAY_INTERNAL_ERROR);
  DLManagedTensorVersioned* lent = nullptr;
  if (inlay_to_dlpack(value, choices.coin() ? 1 : 0, &lent, nullptr) == INLAY_OK) {
    inlay_free(in);
    inlay_value* again = nullptr;
    inlay_error* error = nullptr;
    const int kind = inlay_from_dlpack(lent, 0, &again, &error);
    if (error != nullptr) std::fprintf(stderr, "%s\n", inlay_error_report(error));
    INLAY_CHECK(kind == INLAY_OK);
    if (inlay_value_size(again) <= kMostShown) inlay_text_free(inlay_value_repr(again));
    inlay_value_free(again);
  } else {
    inlay_free(in);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices({data, size});
  Lent lent(choices);
  if (lent.managed.dl_tensor.dtype.code == inlay::dlpack::kDLBool && !lent.is_true()) return 0;
  const std::vector<unsigned char> before(lent.memory, lent.memory + kMemory);
  const bool may_write = choices.coin(), has_deleter = lent.managed.deleter != nullptr;
  inlay_value* value = nullptr;
  const int kind = inlay_from_dlpack(&lent.managed, may_write ? 1 : 0, &value, nullptr);
  INLAY_CHECK(kind == INLAY_OK || kind == INLAY_VALUE_ERROR || kind == INLAY_LIMIT_EXCEEDED);
  INLAY_CHECK((kind == INLAY_OK) == (value != nullptr));
  if (value != nullptr && lent.is_true()) use(value, choices);
  const bool is_one_number = lent.managed.dl_tensor.ndim == 0;  // which a value holds by itself
  INLAY_CHECK(is_one_number || lent.deleted == 0);
  inlay_value_free(value);
  INLAY_CHECK(lent.deleted == (kind == INLAY_OK && has_deleter ? 1 : 0));
  const bool is_lent_to_write = may_write || lent.managed.flags == inlay::dlpack::kIsCopied;
  INLAY_CHECK(is_lent_to_write || std::equal(before.begin(), before.end(), lent.memory));
  return 0;
}

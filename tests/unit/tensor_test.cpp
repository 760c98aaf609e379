// tensor_test.cpp - buffers, views, copies, and the one doorway to mutation.
#include "runtime/tensors/tensor.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using namespace inlay;

namespace {

/// A context of the test's own, so that counters start at 0.
struct Watch {
  Context own;
  ContextScope scope{own};
  [[nodiscard]] const Counters& counters() const { return own.counters; }
  [[nodiscard]] std::uint64_t copies(CopyReason reason) const {
    return own.counters.copies_by_reason[static_cast<int>(reason)];
  }
};

Tensor iota(Shape shape) {
  Tensor out = Tensor::empty(DType::int64, std::move(shape));
  std::iota(out.mutable_data<std::int64_t>(), out.mutable_data<std::int64_t>() + out.size(), 0);
  return out;
}

std::vector<std::int64_t> values(const Tensor& x) {
  const Tensor dense = x.contiguous();
  return {dense.data<std::int64_t>(), dense.data<std::int64_t>() + dense.size()};
}

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(name(error.kind())) + ": " + error.message();
  }
  return "no error";
}

using Values = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("buffers are aligned, counted and may be empty") {
  const Watch watch;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{100000}}) {
    const Ref<Buffer> buffer = Buffer::allocate(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer->data()) % 64 == 0);
    CHECK(buffer->bytes() == bytes);
    std::memset(buffer->data(), 1, bytes + 64);  // the slack belongs to the buffer too
  }
  CHECK(watch.counters().allocations == 4);
  CHECK(watch.counters().allocated_bytes == 100064);
}

TEST_CASE("the budget is asked before memory is taken") {
  Context bounded;
  Limits limits = Limits::none();
  limits.memory = 1000;
  bounded.budget.limit(limits);
  const ContextScope scope(bounded);
  CHECK(message_of([] { Tensor::empty(DType::float64, {1000}); }) ==
        "LimitExceeded: memory: 8.02 KiB wanted, 1000 bytes allowed, 0 bytes in use (an array with shape (1000,) and "
        "data type float64)");
  CHECK(bounded.counters.allocations == 0);
  {
    const Tensor x = Tensor::empty(DType::float64, {10});
    CHECK(bounded.counters.allocations == 1);
    CHECK(bounded.budget.usage().memory > 80);
  }
  CHECK(bounded.budget.usage().memory == 0);
  CHECK(bounded.budget.usage().peak > 80);
}

TEST_CASE("what the system cannot give is a MemoryError in NumPy's words") {
  CHECK(message_of([] { Tensor::empty(DType::int8, {std::int64_t{1} << 62}); }) ==
        "MemoryError: Unable to allocate 4.00 EiB for an array with shape (4611686018427387904,) and data type int8");
  CHECK(message_of([] { Buffer::allocate(~std::size_t{0}); }) == "MemoryError: Unable to allocate 16.0 EiB");
  CHECK(message_of([] { Tensor::empty(DType::float64, {std::int64_t{1} << 60}); }) ==
        "ValueError: array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
  double one = 1;
  bool is_released = false;
  CHECK(message_of([&] {
          Tensor::wrap(&one, DType::float64, {std::int64_t{1} << 60}, {0}, true, [&] { is_released = true; });
        }) ==
        "ValueError: array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.");
  CHECK(!is_released);
}

TEST_CASE("fresh tensors are row-major") {
  const Tensor x = Tensor::zeros(DType::complex128, {2, 3});
  CHECK(x.strides() == Strides{48, 16});
  CHECK(x.is_contiguous());
  CHECK(x.size() == 6);
  CHECK(x.data<complex128>()[5] == complex128(0, 0));
  CHECK(x.unique());
  CHECK(Tensor::scalar(2.5).item<double>() == 2.5);
  CHECK(Tensor::scalar(2.5).rank() == 0);
  CHECK(values(Tensor::of<std::int64_t>({3, 1, 2})) == Values{3, 1, 2});
  CHECK(Tensor::empty(DType::int8, {0, 3}).size() == 0);
}

TEST_CASE("contiguity does not look at axes of size 1 nor at empty tensors") {
  const Tensor x = iota({2, 3});
  CHECK(x.view({2, 1, 3}, {24, 999, 8}).is_contiguous());
  CHECK(x.view({1, 3}, {0, 8}).is_contiguous());
  CHECK(x.view({0, 3}, {1, 1}).is_contiguous());
  CHECK_FALSE(x.view({3, 2}, {8, 24}).is_contiguous());
  CHECK_FALSE(x.view({2, 2}, {24, 8}).is_contiguous());
  CHECK_FALSE(x.view({3}, {-8}, 16).is_contiguous());
}

TEST_CASE("copies of views") {
  const Tensor x = iota({2, 3});
  CHECK(values(x.view({3, 2}, {8, 24})) == Values{0, 3, 1, 4, 2, 5});
  CHECK(values(x.view({2, 3}, {-24, -8}, 40)) == Values{5, 4, 3, 2, 1, 0});
  CHECK(values(x.view({2, 2}, {0, 16})) == Values{0, 2, 0, 2});
  CHECK(values(x.view({2, 2, 3}, {0, 24, 0})) == Values{0, 0, 0, 3, 3, 3, 0, 0, 0, 3, 3, 3});
  CHECK(values(x.view({0}, {8})).empty());
  CHECK(x.contiguous().same_handle(x));
  CHECK_FALSE(x.copy().shares_buffer(x));
}

TEST_CASE("copy_elements of every size into every order, against one element at a time") {
  for (const DType dtype : {DType::uint8, DType::uint16, DType::float32, DType::int64, DType::complex128}) {
    const std::int64_t item = itemsize(dtype), total = 4 * 5 * 6;
    CAPTURE(item);
    Tensor base = Tensor::empty(dtype, {total});
    for (std::int64_t at = 0; at < total * item; ++at) base.mutable_bytes()[at] = static_cast<std::byte>(at * 7 % 251);
    const Strides sources[] = {{30 * item, 6 * item, item},
                               {item, 4 * item, 20 * item},
                               {6 * item, 24 * item, item},
                               {0, 6 * item, item},
                               {0, 0, 0}};
    const Strides targets[] = {
        {30 * item, 6 * item, item}, {item, 4 * item, 20 * item}, {60 * item, 12 * item, 2 * item}};
    for (const Strides& source : sources) {
      for (const Strides& target : targets) {
        std::vector<std::byte> out(static_cast<std::size_t>(2 * total * item));
        const Tensor x = base.view({4, 5, 6}, source);
        copy_elements(x, out.data(), target);
        bool equal = true;
        for (std::int64_t n = 0; n < total; ++n) {
          const std::int64_t at[] = {n / 30, n / 6 % 5, n % 6};
          const auto offset = [&](const Strides& s) { return at[0] * s[0] + at[1] * s[1] + at[2] * s[2]; };
          equal &=
              std::memcmp(out.data() + offset(target), x.bytes() + offset(source), static_cast<std::size_t>(item)) == 0;
        }
        CHECK(equal);
      }
    }
  }
}

TEST_CASE("large transposed copies are the same for any number of threads") {
  const Tensor x = iota({301, 1, 407});
  const Tensor turned = x.view({407, 301}, {8, 407 * 8});
  for (const int threads : {1, 2, 5}) {
    Watch watch;
    watch.own.threads = threads;
    const Tensor out = turned.copy();
    bool equal = true;
    for (std::int64_t n = 0; n < out.size(); ++n) equal &= out.data<std::int64_t>()[n] == n % 301 * 407 + n / 301;
    CHECK(equal);
    CHECK(watch.counters().allocations == 1);
  }
}

TEST_CASE("a sole holder writes in place") {
  const Watch watch;
  Tensor x = iota({4});
  const std::byte* before = x.bytes();
  CHECK(x.writable() == before);
  CHECK(watch.counters().in_place == 1);
  CHECK(watch.counters().copies == 0);
}

TEST_CASE("a sole view of a larger buffer writes in place, gaps and all") {
  const Watch watch;
  Tensor x = iota({4}).view({2}, {-16}, 24);
  const std::byte* before = x.bytes();
  CHECK(x.writable() == before);
  Tensor turned = iota({2, 3}).view({3, 2}, {8, 24});
  before = turned.bytes();
  CHECK(turned.writable() == before);
  CHECK(watch.counters().in_place == 2);
}

TEST_CASE("others keep what they hold") {
  const Watch watch;
  Tensor x = iota({3});
  const Tensor same = x;
  *reinterpret_cast<std::int64_t*>(x.writable()) = 9;
  CHECK(values(x) == Values{9, 1, 2});
  CHECK(values(same) == Values{0, 1, 2});
  CHECK(watch.copies(CopyReason::shared_value) == 1);
  CHECK(watch.counters().copied_bytes == 24);

  Tensor row = same.view({2}, {8}, 8);
  *reinterpret_cast<std::int64_t*>(row.writable()) = 9;
  CHECK(values(row) == Values{9, 2});
  CHECK(values(same) == Values{0, 1, 2});
  CHECK(watch.copies(CopyReason::shared_buffer) == 1);
  CHECK(watch.counters().copies == 2);
  CHECK(watch.counters().in_place == 0);
  CHECK(row.unique());
}

TEST_CASE("a layout that shows one byte twice is copied though nobody else holds it") {
  const Watch watch;
  Tensor wide = Tensor::scalar<std::int64_t>(7).view({3}, {0});
  *reinterpret_cast<std::int64_t*>(wide.writable()) = 1;
  CHECK(values(wide) == Values{1, 7, 7});
  Tensor windows = iota({4}).view({3, 2}, {8, 8});
  *reinterpret_cast<std::int64_t*>(windows.writable() + 8) = 9;
  CHECK(values(windows) == Values{0, 9, 1, 2, 2, 3});
  CHECK(watch.copies(CopyReason::layout) == 2);
  Tensor single = Tensor::scalar<std::int64_t>(7).view({1, 1}, {0, 0});
  static_cast<void>(single.writable());
  CHECK(watch.counters().in_place == 1);
}

TEST_CASE("memory of the host is released once, with its last tensor, and never written when read-only") {
  const Watch watch;
  std::int64_t memory[] = {0, 1, 2, 3};
  int released = 0;
  {
    Tensor x = Tensor::wrap(memory + 3, DType::int64, {2}, {-16}, true, [&] { ++released; });
    CHECK(values(x) == Values{3, 1});
    CHECK_FALSE(x.unique());
    *reinterpret_cast<std::int64_t*>(x.writable()) = 9;
    CHECK(watch.copies(CopyReason::read_only) == 1);
    CHECK(values(x) == Values{9, 1});
    CHECK(released == 1);
  }
  CHECK(released == 1);
  CHECK(memory[3] == 3);
  {
    Tensor x = Tensor::wrap(memory, DType::int64, {4}, {8}, false, [&] { ++released; });
    const Tensor part = x.view({2}, {8});
    x = Tensor();
    CHECK(released == 1);
    CHECK(values(part) == Values{0, 1});
  }
  CHECK(released == 2);
}

TEST_CASE("a copy that is refused leaves the tensor alone") {
  Context refusing;
  Limits limits = Limits::none();
  limits.fuel = 2;
  refusing.budget.limit(limits);
  refusing.budget.begin_run();
  Tensor x = iota({3});
  const Tensor same = x;
  {
    const ContextScope scope(refusing);
    CHECK(message_of([&] { static_cast<void>(x.writable()); }) == "LimitExceeded: fuel: more than 2 steps in one run");
  }
  CHECK(x.same_handle(same));
  CHECK(values(x) == Values{0, 1, 2});
  CHECK(refusing.counters.copies == 0);
}

TEST_CASE("contexts nest, and every thread has its own") {
  Context outer, inner;
  const ContextScope first(outer);
  CHECK(&context() == &outer);
  {
    const ContextScope second(inner);
    CHECK(&context() == &inner);
  }
  CHECK(&context() == &outer);
  const Context* seen = &outer;
  std::thread([&] { seen = &context(); }).join();
  CHECK(seen != &outer);
}

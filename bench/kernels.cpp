// kernels.cpp - times of single kernels, called from C++: Google Benchmark over the runtime, without the interpreter.
//
//   ./dev bench kernels --benchmark_filter=sum
//
// Arguments: elements, threads. Invariant: what a kernel reads is the same for each run of a benchmark.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/indexing/scatter.h"
#include "runtime/memory/context.h"
#include "runtime/reductions/reduce.h"
#include "runtime/reductions/sort.h"
#include "runtime/reductions/squared_distances.h"
#include "runtime/tensors/shape_ops.h"

using namespace inlay;

namespace {

/// Numbers in [0, 1) without an order that a kernel could use.
Tensor numbers(std::int64_t n) {
  Tensor out = Tensor::empty(DType::float32, {n});
  std::uint64_t state = 1;
  for (std::int64_t at = 0; at < n; ++at) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    out.mutable_data<float>()[at] = static_cast<float>(state >> 40) * 0x1p-24f;
  }
  return out;
}

/// Indices into n elements, one for each, in no order, as a column.
Tensor indices(std::int64_t n) {
  Tensor out = Tensor::empty(DType::int64, {n, 1});
  const Tensor places = numbers(n);
  for (std::int64_t at = 0; at < n; ++at)
    out.mutable_data<std::int64_t>()[at] =
        static_cast<std::int64_t>(static_cast<double>(places.data<float>()[at]) * static_cast<double>(n));
  return out;
}

Operand plain(double value) { return Scalar::of(value); }

/// Runs `kernel(x)` over state.range(0) numbers on state.range(1) threads.
template <class Kernel>
void measure(benchmark::State& state, const Kernel& kernel) {
  Context context;
  context.threads = static_cast<int>(state.range(1));
  const ContextScope scope(context);
  Tensor x = numbers(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(kernel(x));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int threads : {1, 2})
    for (const std::int64_t n : {1'000, 100'000, 10'000'000})
      if (threads == 1 || n > 1'000) benchmark->Args({n, threads});
  benchmark->UseRealTime();
}

void add(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return binary(ElementwiseOp::add, x, x); });
}
void less(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return binary(ElementwiseOp::less, x, plain(0.3)); });
}
void exp(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return unary(ElementwiseOp::exp, x); });
}
void select(benchmark::State& state) {
  const Tensor mask = binary(ElementwiseOp::less, numbers(state.range(0)), plain(0.3));
  measure(state, [&](const Tensor& x) { return where(mask, plain(0), x); });
}
void to_double(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return cast(x, DType::float64); });
}
void sum(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return reduce(ReduceOp::sum, x, std::array{0}, false); });
}
void maximum(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return reduce(ReduceOp::max, x, std::array{0}, false); });
}
void argmax(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return arg_reduce(true, x, 0, false); });
}
void argmax_rows(benchmark::State& state) {
  measure(state, [](const Tensor& x) {
    return arg_reduce(true, reshape(x, std::array{x.size() / 100, std::int64_t{100}}), 1, false);
  });
}
void squared_distances_of_all(benchmark::State& state) {
  const Tensor centre = cast(Tensor::scalar<double>(0.5), DType::float32);
  const Tensor from = reshape(centre, std::array{std::int64_t{1}});
  measure(state, [&](const Tensor& x) { return squared_distances(x, from, std::array{0}, false, false); });
}
void cumsum(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return scan(ReduceOp::sum, x, 0); });
}
void compress(benchmark::State& state) {
  const Tensor mask = binary(ElementwiseOp::less, numbers(state.range(0)), plain(0.5));
  measure(state, [&](const Tensor& x) { return boolean_mask(x, mask, 0); });
}
void nonzero_mask(benchmark::State& state) {
  const Tensor mask = binary(ElementwiseOp::less, numbers(state.range(0)), plain(0.5));
  measure(state, [&](const Tensor&) { return nonzero(mask); });
}
void gather_random(benchmark::State& state) {
  const Tensor places = indices(state.range(0));
  measure(state, [&](const Tensor& x) { return gather_nd(x, places); });
}
void scatter_random(benchmark::State& state) {
  const Tensor places = indices(state.range(0));
  const Tensor values = numbers(state.range(0));
  measure(state, [&](Tensor& x) { return tensor_scatter_nd(ScatterKind::update, x, places, values), x.size(); });
}
void scatter_add_random(benchmark::State& state) {
  const Tensor places = indices(state.range(0));
  const Tensor values = numbers(state.range(0));
  measure(state, [&](Tensor& x) { return tensor_scatter_nd(ScatterKind::add, x, places, values), x.size(); });
}
void sort_values(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return sort(x, 0); });
}
void argsort_values(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return argsort(x, 0); });
}
void middle_element(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return sorted_elements(x, std::array{x.size() / 2}); });
}
void unique_elements(benchmark::State& state) {
  measure(state, [](const Tensor& x) { return unique_values(x, true).values; });
}

}  // namespace

BENCHMARK(add)->Apply(sizes);
BENCHMARK(less)->Apply(sizes);
BENCHMARK(exp)->Apply(sizes);
BENCHMARK(select)->Apply(sizes);
BENCHMARK(to_double)->Apply(sizes);
BENCHMARK(sum)->Apply(sizes);
BENCHMARK(maximum)->Apply(sizes);
BENCHMARK(argmax)->Apply(sizes);
BENCHMARK(argmax_rows)->Apply(sizes);
BENCHMARK(squared_distances_of_all)->Apply(sizes);
BENCHMARK(cumsum)->Apply(sizes);
BENCHMARK(compress)->Apply(sizes);
BENCHMARK(nonzero_mask)->Apply(sizes);
BENCHMARK(gather_random)->Apply(sizes);
BENCHMARK(scatter_random)->Apply(sizes);
BENCHMARK(scatter_add_random)->Apply(sizes);
BENCHMARK(sort_values)->Apply(sizes);
BENCHMARK(argsort_values)->Apply(sizes);
BENCHMARK(middle_element)->Apply(sizes);
BENCHMARK(unique_elements)->Apply(sizes);

BENCHMARK_MAIN();

// random_distributions.cpp - uniform, normal and exponential numbers, and the distributions that reject candidates.
// The others are made of these in library/numpy.random/distributions.inlay.
// Invariant: one draw of the stream per element, whatever the distribution.
#include <algorithm>
#include <array>
#include <cmath>

#include "interpreter/random/random_draws.h"
#include "interpreter/random/random_rows.h"
#include "interpreter/random/random_samplers.h"
#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// ---- dtypes ---------------------------------------------------------------------------------------------------------

DType float_argument(const Value& dtype, std::string_view function) {
  const DType wanted = dtype_argument(dtype).value_or(DType::float64);
  if (wanted != DType::float64 && wanted != DType::float32) {
    raise(ErrorKind::TypeError, "Unsupported dtype dtype('{}') for {}", name(wanted), function);
  }
  return wanted;
}

/// Numbers of [0, 1) cut to a float32's 24 bits: rounding could make a 1 of them.
Tensor cut(Tensor drawn) {
  constexpr double kSteps = 1 << 24;
  double* at = drawn.mutable_data<double>();
  std::transform(at, at + drawn.size(), at, [](double x) { return std::floor(x * kSteps) / kSteps; });
  return cast(drawn, DType::float32);
}

// ---- one draw each --------------------------------------------------------------------------------------------------

Value random(const DrawCall& call) {
  const DType dtype = call.arguments.size() > 1 ? float_argument(call[1], call.name) : DType::float64;
  const Tensor drawn = draw_uniform(call.state, size_argument(call[0]));
  return Value::of(dtype == DType::float32 ? cut(drawn) : drawn);
}

using Draw = Tensor (*)(RandomState&, const Shape&);
constexpr Draw kStandard[] = {draw_normal, draw_exponential};
enum Standard : int { kNormal, kExponential };

/// standard_normal and standard_exponential, by data.
Value standard(const DrawCall& call) {
  const DType dtype = call.arguments.size() > 1 ? float_argument(call[1], call.name) : DType::float64;
  return Value::of(cast(kStandard[call.data](call.state, size_argument(call[0])), dtype));
}

Value rand(const DrawCall& call) { return Value::of(draw_uniform(call.state, shape_argument(call[0]))); }
Value randn(const DrawCall& call) { return Value::of(draw_normal(call.state, shape_argument(call[0]))); }

Tensor stretched(const Tensor& drawn, const Tensor& scale, const Tensor& offset) {
  return binary(ElementwiseOp::add, binary(ElementwiseOp::multiply, drawn, scale), offset);
}

/// With data 1, the generator's, which refuses a range that runs backwards.
Value uniform(const DrawCall& call) {
  const Tensor bounds[] = {parameter_argument(call[0], "low", Constraint::any),
                           parameter_argument(call[1], "high", Constraint::any)};
  const Shape shape = drawn_shape(call[2], bounds);
  const Tensor width = binary(ElementwiseOp::subtract, bounds[1], bounds[0]).contiguous();
  const double* at = width.data<double>();
  if (!std::all_of(at, at + width.size(), [](double x) { return std::isfinite(x); })) {
    raise(ErrorKind::OverflowError, "high - low range exceeds valid bounds");
  }
  if (call.data == 1 && std::any_of(at, at + width.size(), [](double x) { return x < 0; })) {
    raise(ErrorKind::ValueError, "high - low < 0");
  }
  return Value::of(stretched(draw_uniform(call.state, shape), width, bounds[0]));
}

Value normal(const DrawCall& call) {
  const Tensor parameters[] = {parameter_argument(call[0], "loc", Constraint::any),
                               parameter_argument(call[1], "scale", Constraint::non_negative)};
  const Tensor drawn = draw_normal(call.state, drawn_shape(call[2], parameters));
  return Value::of(stretched(drawn, parameters[1], parameters[0]));
}

Value exponential(const DrawCall& call) {
  const Tensor scale = parameter_argument(call[0], "scale", Constraint::non_negative);
  const Tensor drawn = draw_exponential(call.state, drawn_shape(call[1], {&scale, 1}));
  return Value::of(binary(ElementwiseOp::multiply, drawn, scale));
}

// ---- rejection ------------------------------------------------------------------------------------------------------

constexpr std::size_t kMaxParameters = 3;
/// Element-steps of a sampler, for the decision to share the work out.
constexpr std::int64_t kSamplerCost = 256;

struct SampledParameter {
  std::string_view name;
  Constraint constraint;
};
struct SampledRow {
  std::string_view name;
  Sampler sampler;
  DType dtype;
  std::size_t n_parameters;
  std::array<SampledParameter, kMaxParameters> parameters;
};
enum Sampled : int { kGamma, kPoisson, kBinomial, kHypergeometric, kZipf };
/// ORDER Sampled
constexpr SampledRow kSampled[] = {
    {"standard_gamma", sample_gamma, DType::float64, 1, {{{"shape", Constraint::non_negative}}}},
    {"poisson", sample_poisson, DType::int64, 1, {{{"lam", Constraint::poisson}}}},
    {"binomial", sample_binomial, DType::int64, 2, {{{"n", Constraint::count}, {"p", Constraint::probability}}}},
    {"hypergeometric",
     sample_hypergeometric,
     DType::int64,
     3,
     {{{"ngood", Constraint::count}, {"nbad", Constraint::count}, {"nsample", Constraint::count}}}},
    {"zipf", sample_zipf, DType::int64, 1, {{{"a", Constraint::zipf}}}},
};

/// One float64 per element of the result; `parameters` have its shape.
Tensor sampled(RandomState& state, const Shape& shape, Sampler sampler, std::span<const Tensor> parameters) {
  Tensor out = Tensor::empty(DType::float64, shape);
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  const std::uint64_t first = state.skip(static_cast<std::uint64_t>(out.size()));
  const RandomState stream = state;
  std::array<const double*, kMaxParameters> from{};
  for (std::size_t at = 0; at < parameters.size(); ++at) from[at] = parameters[at].data<double>();
  double* to = out.mutable_data<double>();
  expect_work(out.size() * kSamplerCost);
  parallel_for(out.size(), kParallelBlock / kSamplerCost, out.size() * kSamplerCost,
               [&, to](std::int64_t begin, std::int64_t end) {
                 std::array<double, kMaxParameters> given{};
                 for (std::int64_t at = begin; at < end; ++at) {
                   for (std::size_t p = 0; p < parameters.size(); ++p) given[p] = from[p][at];
                   ElementStream words(stream, first + static_cast<std::uint64_t>(at));
                   to[at] = sampler(words, given.data());
                 }
               });
  return out;
}

/// An urn cannot give more balls than it has.
void check_urn(std::span<const Tensor> counts) {
  const Tensor balls = binary(ElementwiseOp::add, counts[0], counts[1]);
  const Tensor short_of = binary(ElementwiseOp::less, balls, counts[2]).contiguous();
  const bool* at = short_of.data<bool>();
  if (std::any_of(at, at + short_of.size(), [](bool each) { return each; })) {
    raise(ErrorKind::ValueError, "ngood + nbad < nsample");
  }
}

/// A row of kSampled, by data: its parameters, size and perhaps dtype.
Value sample(const DrawCall& call) {
  const SampledRow& row = kSampled[call.data];
  const std::size_t n = row.n_parameters;
  std::vector<Tensor> parameters;
  for (std::size_t at = 0; at < n; ++at) {
    parameters.push_back(parameter_argument(call[at], row.parameters[at].name, row.parameters[at].constraint));
  }
  if (call.data == kHypergeometric) check_urn(parameters);
  const DType dtype = call.arguments.size() > n + 1 ? float_argument(call[n + 1], row.name) : row.dtype;
  const Shape shape = drawn_shape(call[n], parameters);
  for (Tensor& parameter : parameters) parameter = broadcast_to(parameter, shape).contiguous();
  return Value::of(cast(sampled(call.state, shape, row.sampler, parameters), dtype));
}

constexpr Drawing kDrawings[] = {
    {"binomial", "n, p, size=None", kEither, sample, kBinomial},
    {"exponential", "scale=1.0, size=None", kEither, exponential},
    {"hypergeometric", "ngood, nbad, nsample, size=None", kEither, sample, kHypergeometric},
    {"normal", "loc=0.0, scale=1.0, size=None", kEither, normal},
    {"poisson", "lam=1.0, size=None", kEither, sample, kPoisson},
    {"rand", "*args", kModule, rand},
    {"randn", "*args", kModule, randn},
    {"random", "size=None, dtype=None", kGenerator, random},
    {"random", "size=None", kModule, random},
    {"random_sample", "size=None", kModule, random},
    {"ranf", "size=None", kModule, random},
    {"sample", "size=None", kModule, random},
    {"standard_exponential", "size=None, dtype=None, method='zig'", kGenerator, standard, kExponential},
    {"standard_exponential", "size=None", kModule, standard, kExponential},
    {"standard_gamma", "shape, size=None, dtype=None", kGenerator, sample, kGamma},
    {"standard_gamma", "shape, size=None", kModule, sample, kGamma},
    {"standard_normal", "size=None, dtype=None", kGenerator, standard, kNormal},
    {"standard_normal", "size=None", kModule, standard, kNormal},
    {"uniform", "low=0.0, high=1.0, size=None", kGenerator, uniform, 1},
    {"uniform", "low=0.0, high=1.0, size=None", kModule, uniform},
    {"zipf", "a, size=None", kEither, sample, kZipf},
};

}  // namespace

std::span<const Drawing> distribution_drawings() { return kDrawings; }

}  // namespace inlay

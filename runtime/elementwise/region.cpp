// region.cpp - running a planned region. See region.h.
// Knows no op: rows go in and out of the kernels that the plan names.
// Invariant: which elements a kernel sees together depends on shapes and the plan alone, never on threads.
// Cases per source: uniform (a number, or a single element beside larger operands) -> converted once, its ops computed
// once | flat (row-major as a whole) -> used where it lies | walked (anything else) -> used where it lies if rows of
// the nest are long and contiguous, else gathered into a register.
#include "runtime/elementwise/region.h"

#include <algorithm>

#include "runtime/elementwise/region_blocks.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/merge_axes.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

using Op = RegionPlan::Op;

/// Rows of a nest shorter than this are gathered into blocks, so that kernels run over more than a few elements.
constexpr std::int64_t kShortRow = 256;

}  // namespace

void make_element(RegionPlan::Source& source, const RegionInput& number) {
  const Tensor element = to_tensor(number.number(), source.dtype);
  cast_kernel(source.dtype, source.load)(element.bytes(), source.element.data(), 1);
  source.known = number.bits();
  source.is_known = true;
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

RegionCall::RegionCall(RegionPlan& plan, std::span<const RegionInput> inputs) : plan_(plan), inputs_(inputs) {
  for (RegionPlan::Source& source : plan.sources) {
    const RegionInput& input = inputs[static_cast<std::size_t>(source.input)];
    if (input.weak) load_number(source, input);
  }
}

const Shape* RegionCall::common_shape() const {
  const Shape* common = nullptr;
  std::size_t rank = 0;
  for (const RegionPlan::Source& source : plan_.sources) {
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    if (input.weak) continue;
    rank = std::max(rank, input.shape->size());
    if (input.size == 1) continue;
    if (common && !(*common == *input.shape)) return nullptr;
    common = input.shape;
  }
  return common && common->size() == rank ? common : nullptr;
}

/// Finds the shape that all inputs broadcast to; false if there is none, or an op would work on fewer elements.
bool RegionCall::broadcast_inputs(const RegionSteps& region) {
  std::vector<const Shape*> shapes;
  for (const RegionPlan::Source& source : plan_.sources) {
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    if (!input.weak) shapes.push_back(input.shape);
  }
  try {
    broadcast_ = broadcast_shapes(shapes);
  } catch (const Error&) {
    return false;
  }
  size_ = element_count(broadcast_);
  return is_computed_in_full(region);
}

/// Whether every op but those of single elements has as many results as the region.
bool RegionCall::is_computed_in_full(const RegionSteps& region) const {
  std::vector<Shape> shapes(region.steps.size());
  const auto inputs = static_cast<std::size_t>(region.inputs);
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    if (plan_.signature[inputs + at] != 0) {
      if (!inputs_[inputs + at].weak) shapes[at] = *inputs_[inputs + at].shape;
      continue;
    }
    const RegionStep& step = region.steps[at];
    for (int i = 0; i < step.arity(); ++i) {
      const auto ref = static_cast<std::size_t>(step.operands[i]);
      const bool is_input = plan_.signature[ref] != 0;
      if (is_input && inputs_[ref].weak) continue;
      shapes[at] = broadcast_shapes(shapes[at], is_input ? *inputs_[ref].shape : shapes[ref - inputs]);
    }
    const std::int64_t size = element_count(shapes[at]);
    if (size != 1 && size != size_) return false;
  }
  return true;
}

const Shape* RegionCall::shape(const RegionSteps& region) {
  shape_ = common_shape();
  if (shape_) {
    size_ = element_count(*shape_);
  } else {
    if (!broadcast_inputs(region)) return nullptr;
    shape_ = &broadcast_;
  }
  if (size_ == 0 || !numbers_pass() || (part_.first && !reaches_are_known())) return nullptr;
  lay_out();
  if (part_.first && !holds_little()) return nullptr;
  if (region.steps.back().kind == RegionStep::Kind::assign_where && !masks_in_full()) return nullptr;
  const auto loaded = std::count_if(plan_.sources.begin(), plan_.sources.end(), [&](const RegionPlan::Source& source) {
    const Layout layout = layouts_[static_cast<std::size_t>(&source - plan_.sources.data())];
    return layout == Layout::walked || (layout == Layout::flat && source.convert);
  });
  if (plan_.registers + loaded > RegionPlan::kMaxRegisters) return nullptr;
  context().charge(static_cast<std::uint64_t>(size_) * static_cast<std::uint64_t>(plan_.steps), 0);
  return shape_;
}

bool RegionCall::numbers_pass() const {
  const auto number = [&](int input) { return inputs_[static_cast<std::size_t>(input)].integer; };
  return std::all_of(plan_.divisors.begin(), plan_.divisors.end(), [&](int input) { return number(input) != 0; }) &&
         std::all_of(plan_.exponents.begin(), plan_.exponents.end(), [&](int input) { return number(input) >= 0; });
}

/// Whether the mask of an assignment has exactly the target's shape.
bool RegionCall::masks_in_full() const {
  const std::span<const int> deciding = plan_.ops.back().decides();
  return shape_ != &broadcast_ && (size_ == 1 || std::any_of(deciding.begin(), deciding.end(), [&](int slot) {
                                     return layouts_[static_cast<std::size_t>(slot)] != Layout::uniform;
                                   }));
}

// ---- layouts --------------------------------------------------------------------------------------------------------

RegionCall::Layout RegionCall::layout_of(const RegionInput& input) const {
  if (input.weak || (input.size == 1 && size_ > 1)) return Layout::uniform;
  return input.contiguous && input.size == size_ ? Layout::flat : Layout::walked;
}

void RegionCall::lay_out() {
  for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
    const RegionInput& input = inputs_[static_cast<std::size_t>(plan_.sources[at].input)];
    layouts_[at] = layout_of(input);
    if (layouts_[at] == Layout::walked) add_walk(at, input);
  }
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
    const Op& op = plan_.ops[at];
    const bool uniform = std::all_of(op.operands.begin(), op.operands.begin() + op.count, [&](int slot) {
      return layouts_[static_cast<std::size_t>(slot)] == Layout::uniform;
    });
    layouts_[plan_.sources.size() + at] = uniform ? Layout::uniform : Layout::flat;
  }
  if (part_.first) {
    if (walked_.empty()) nest_ = *shape_;
    walked_.push_back({part_.first, *part_.strides, plan_.ops.back().size});
  }
  if (walked_.empty()) return;
  merge_axes(nest_, std::span(walked_.data(), walked_.size()));
  rows_in_place_ = nest_.size() == 1 || nest_.back() >= kShortRow;
}

void RegionCall::add_walk(std::size_t slot, const RegionInput& input) {
  if (walked_.empty()) nest_ = *shape_;
  places_[slot] = static_cast<std::int8_t>(walked_.size());
  Walked& walked = walked_.emplace_back(Walked{input.data, Strides(nest_.size(), 0), itemsize(input.dtype)});
  const std::size_t lead = nest_.size() - input.shape->size();
  for (std::size_t axis = 0; axis < input.shape->size(); ++axis) {
    if ((*input.shape)[axis] != 1) walked.strides[lead + axis] = (*input.strides)[axis];
  }
}

/// What is the same for all elements, once.
void RegionCall::compute_uniform() {
  for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
    if (layouts_[at] != Layout::uniform) continue;
    const RegionPlan::Source& source = plan_.sources[at];
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    if (source.convert) source.convert(input.data, elements_[at], 1);
    rows_[at] = {input.weak ? source.element.data() : source.convert ? elements_[at] : input.data, true};
  }
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
    const std::size_t slot = plan_.sources.size() + at;
    if (layouts_[slot] != Layout::uniform) continue;
    RegionBlocks::run_op(plan_.ops[at], rows_.data(), elements_[slot], 1);
    rows_[slot] = {elements_[slot], true};
  }
}

void RegionCall::run(std::byte* out) {
  compute_uniform();
  if (size_ <= kParallelBlock) return RegionBlocks(*this).run(0, size_, out);
  expect_work(size_ * plan_.cost);
  const int size = plan_.ops.back().size;
  parallel_for(size_, kParallelBlock, size_ * plan_.cost,
               [&](std::int64_t begin, std::int64_t end) { RegionBlocks(*this).run(begin, end, out + begin * size); });
}

/// Which operands are packed by the mask: all that the formula reads, if it reads them where they lie.
void RegionCall::choose_packed() {
  const Op& store = plan_.ops.back();
  const auto is_formula = [&](int slot) { return static_cast<std::size_t>(slot) >= plan_.sources.size(); };
  if (!is_formula(store.operands[1]) || layouts_[static_cast<std::size_t>(store.operands[1])] == Layout::uniform)
    return;
  for (const Op& op : std::span(plan_.ops).first(plan_.ops.size() - 1)) {
    for (const int operand : std::span(op.operands).first(static_cast<std::size_t>(op.count))) {
      const auto slot = static_cast<std::size_t>(operand);
      if (is_formula(operand) || layouts_[slot] == Layout::uniform) continue;
      packs_ += !packed_[slot];
      packed_[slot] = true;
    }
  }
  const bool in_place = std::count(layouts_.begin(), layouts_.begin() + plan_.sources.size(), Layout::walked) == 0;
  if (in_place && plan_.registers + static_cast<int>(plan_.sources.size()) <= RegionPlan::kMaxRegisters) return;
  packed_ = {};
  packs_ = 0;
}

void RegionCall::run_chosen(std::byte* target) {
  compute_uniform();
  choose_packed();
  expect_work(size_ * plan_.cost);
  const int size = plan_.ops.back().size;
  parallel_for(size_, kParallelBlock, size_ * plan_.cost, [&](std::int64_t begin, std::int64_t end) {
    RegionBlocks blocks(*this);
    for (std::int64_t at = begin, n = 0; at < end; at += n) {
      n = blocks.seek(at, end - at);
      blocks.assign_chosen(target + at * size);
    }
  });
}

Tensor RegionCall::reduce(ReduceOp op) {
  compute_uniform();
  return reduce_made(op, plan_.result, size_, plan_.cost, [&](std::int64_t begin, std::int64_t n, std::byte* to) {
    RegionBlocks(*this).run_cached(begin, begin + n, to);
  });
}

}  // namespace inlay

// region.cpp - running a planned region. See region.h.
// Knows no op: rows go in and out of the kernels that the plan names.
// Invariant: which elements a kernel sees together depends on shapes and the plan alone, never on threads.
// Cases per source: uniform (a number, or a single element beside larger operands) -> converted once, its ops computed
// once | flat (row-major as a whole) -> used where it lies | walked (anything else) -> used where it lies if rows of
// the nest are long and contiguous, else gathered into a register.
#include "runtime/region.h"

#include <algorithm>
#include <cstring>

#include "runtime/context.h"
#include "runtime/merge_axes.h"
#include "runtime/parallel.h"

namespace inlay {
namespace {

using Op = RegionPlan::Op;

/// Rows of a nest shorter than this are gathered into blocks, so that kernels run over more than a few elements.
constexpr std::int64_t kShortRow = 256;

/// A choice that one mask decides for all elements.
void copy_or_fill(const Row& from, int itemsize, std::byte* to, std::int64_t n) {
  visit_size(itemsize, [&]<class T>(Type<T>) {
    const T* values = reinterpret_cast<const T*>(from.data);
    T* out = reinterpret_cast<T*>(to);
    if (from.scalar)
      std::fill_n(out, n, *values);
    else if (values != out)
      std::copy_n(values, n, out);
  });
}

void run_select(const Op& op, const Row* rows, std::byte* to, std::int64_t n) {
  const Row &mask = rows[op.operands[0]], &x = rows[op.operands[1]], &y = rows[op.operands[2]];
  if (mask.scalar) return copy_or_fill(*mask.data != std::byte{0} ? x : y, op.size, to, n);
  op.select(reinterpret_cast<const std::uint8_t*>(mask.data), {x.data, x.scalar}, {y.data, y.scalar}, to, n);
}

/// Two single elements are two rows of length 1.
void run_binary(const Op& op, const Row* rows, std::byte* to, std::int64_t n) {
  const Row &a = rows[op.operands[0]], &b = rows[op.operands[1]];
  const BinaryKernel kernel = a.scalar == b.scalar ? op.row->vv : a.scalar ? op.row->sv : op.row->vs;
  kernel(a.data, b.data, to, n);
}

void run_op(const Op& op, const Row* rows, std::byte* to, std::int64_t n) {
  switch (op.kind) {
    case Op::Kind::unary:
      return op.row->v(rows[op.operands[0]].data, to, n);
    case Op::Kind::binary:
      return run_binary(op, rows, to, n);
    case Op::Kind::select:
      return run_select(op, rows, to, n);
    case Op::Kind::cast:
      return op.cast(rows[op.operands[0]].data, to, n);
  }
}

template <class T>
T* copy_strided(const std::byte* from, std::int64_t stride, T* to, std::int64_t n) {
  if (stride == sizeof(T)) return std::copy_n(reinterpret_cast<const T*>(from), n, to);
  for (std::int64_t at = 0; at < n; ++at) *to++ = *reinterpret_cast<const T*>(from + at * stride);
  return to;
}

/// The number as an element of the source, made anew only when it is another one than last time.
void load_number(RegionPlan::Source& source, const RegionInput& input) {
  std::array<std::uint64_t, 3> bits{static_cast<std::uint64_t>(input.integer), 0, 0};
  std::memcpy(&bits[1], &input.real, sizeof input.real);
  std::memcpy(&bits[2], &input.imaginary, sizeof input.imaginary);
  if (source.is_known && source.known == bits) return;
  const Tensor element = to_tensor(input.number(), source.dtype);
  cast_kernel(source.dtype, source.load)(element.bytes(), source.element.data(), 1);
  source.known = bits;
  source.is_known = true;
}

}  // namespace

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
  if (size_ == 0) return nullptr;
  lay_out();
  if (region.steps.back().kind == RegionStep::Kind::assign_where && !masks_in_full()) return nullptr;
  const auto loaded = std::count_if(plan_.sources.begin(), plan_.sources.end(), [&](const RegionPlan::Source& source) {
    const Layout layout = layouts_[static_cast<std::size_t>(&source - plan_.sources.data())];
    return layout == Layout::walked || (layout == Layout::flat && source.convert);
  });
  if (plan_.registers + loaded > RegionPlan::kMaxRegisters) return nullptr;
  context().charge(static_cast<std::uint64_t>(size_) * static_cast<std::uint64_t>(plan_.steps), 0);
  return shape_;
}

/// Whether the mask of an assignment has exactly the target's shape.
bool RegionCall::masks_in_full() const {
  const auto mask = static_cast<std::size_t>(plan_.ops.back().operands[0]);
  return shape_ != &broadcast_ && (size_ == 1 || layouts_[mask] != Layout::uniform);
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

// ---- blocks ---------------------------------------------------------------------------------------------------------

/// Computes one range of the result. Its registers are on the stack of the thread.
class RegionBlocks {
 public:
  /// `out`: where the result's element `first` goes.
  RegionBlocks(const RegionCall& call, std::byte* out, std::int64_t first)
      : call_(call), plan_(call.plan_), out_(out), first_(first) {
    int reg = plan_.registers;
    for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
      buffers_[at] = nullptr;
      if (call.layouts_[at] == Layout::uniform)
        rows_[at] = call.rows_[at];
      else if (call.layouts_[at] == Layout::walked || plan_.sources[at].convert)
        buffers_[at] = registers_[reg++];
    }
    for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
      const std::size_t slot = plan_.sources.size() + at;
      rows_[slot] =
          call.layouts_[slot] == Layout::uniform ? call.rows_[slot] : Row{registers_[plan_.ops[at].reg], false};
    }
  }

  void run(std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end;) {
      std::int64_t n = std::min(plan_.block, end - at);
      if (!call_.walked_.empty()) n = locate(at, n);
      load(at, n);
      compute(at, n);
      at += n;
    }
  }

 private:
  using Layout = RegionCall::Layout;

  /// Finds the place of a flat position in the nest, and how many elements from there are one block.
  std::int64_t locate(std::int64_t at, std::int64_t n) {
    const Shape& nest = call_.nest_;
    column_ = at % nest.back();
    at /= nest.back();
    for (std::size_t axis = nest.size() - 1; axis-- > 0; at /= nest[axis]) index_[axis] = at % nest[axis];
    return call_.rows_in_place_ ? std::min(n, nest.back() - column_) : n;
  }

  void load(std::int64_t at, std::int64_t n) {
    for (std::size_t slot = 0; slot < plan_.sources.size(); ++slot) {
      const RegionPlan::Source& source = plan_.sources[slot];
      if (call_.layouts_[slot] == Layout::uniform) continue;
      const RegionInput& input = call_.inputs_[static_cast<std::size_t>(source.input)];
      const std::byte* from = call_.layouts_[slot] == Layout::flat ? input.data + at * itemsize(input.dtype)
                                                                   : walked(slot, source.convert != nullptr, n);
      if (source.convert) source.convert(from, buffers_[slot], n);
      rows_[slot] = {source.convert ? buffers_[slot] : from, false};
    }
  }

  void compute(std::int64_t at, std::int64_t n) {
    const std::size_t last = plan_.ops.size() - 1;
    for (std::size_t i = 0; i <= last; ++i) {
      const Op& op = plan_.ops[i];
      if (call_.layouts_[plan_.sources.size() + i] == Layout::uniform) continue;
      run_op(op, rows_.data(), i == last ? out_ + (at - first_) * op.size : registers_[op.reg], n);
    }
  }

  /// The next elements of a walked source, where they lie if they are neighbours.
  const std::byte* walked(std::size_t slot, bool converts, std::int64_t n) {
    const auto& source = call_.walked_[static_cast<std::size_t>(call_.places_[slot])];
    const std::byte* from = source.data + column_ * source.strides[call_.nest_.size() - 1];
    for (std::size_t axis = 0; axis + 1 < call_.nest_.size(); ++axis) from += index_[axis] * source.strides[axis];
    const bool is_one_row = column_ + n <= call_.nest_.back();
    if (is_one_row && source.strides[call_.nest_.size() - 1] == source.itemsize) return from;
    std::byte* to = converts ? staging_ : buffers_[slot];
    visit_size(source.itemsize, [&]<class T>(Type<T>) { gather(source, from, reinterpret_cast<T*>(to), n); });
    return to;
  }

  /// Copies `n` elements from the place in the nest on, row by row.
  template <class T>
  void gather(const RegionCall::Walked& source, const std::byte* from, T* to, std::int64_t n) {
    const Shape& nest = call_.nest_;
    const std::int64_t stride = source.strides[nest.size() - 1];
    std::int64_t count = std::min(n, nest.back() - column_);
    to = copy_strided(from, stride, to, count);
    if (count == n) return;
    from -= column_ * stride;
    std::array<std::int64_t, kMaxRank> index = index_;
    for (n -= count; n > 0; n -= count) {
      from += next_row(source, index);
      count = std::min(n, nest.back());
      to = copy_strided(from, stride, to, count);
    }
  }

  /// Steps to the next row of the nest: how far that is in bytes.
  std::int64_t next_row(const RegionCall::Walked& source, std::array<std::int64_t, kMaxRank>& index) const {
    std::int64_t bytes = 0;
    for (std::size_t axis = call_.nest_.size() - 1; axis-- > 0;) {
      bytes += source.strides[axis];
      if (++index[axis] < call_.nest_[axis]) break;
      bytes -= index[axis] * source.strides[axis];
      index[axis] = 0;
    }
    return bytes;
  }

  const RegionCall& call_;
  const RegionPlan& plan_;
  std::byte* out_;
  std::int64_t first_;
  std::int64_t column_ = 0;                   // of the block's first element in its row …
  std::array<std::int64_t, kMaxRank> index_;  // … and of the row in the nest
  std::array<Row, RegionPlan::kMaxSlots> rows_;
  std::array<std::byte*, RegionPlan::kMaxSlots> buffers_;  // of sources that are gathered or converted
  alignas(64) std::byte staging_[RegionPlan::kRegisterBytes];
  alignas(64) std::byte registers_[RegionPlan::kMaxRegisters][RegionPlan::kRegisterBytes];
};

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
    run_op(plan_.ops[at], rows_.data(), elements_[slot], 1);
    rows_[slot] = {elements_[slot], true};
  }
}

void RegionCall::run(std::byte* out) {
  compute_uniform();
  if (size_ <= kParallelBlock) return RegionBlocks(*this, out, 0).run(0, size_);
  parallel_for(size_, kParallelBlock, size_ * plan_.cost,
               [&](std::int64_t begin, std::int64_t end) { RegionBlocks(*this, out, 0).run(begin, end); });
}

Tensor RegionCall::reduce(ReduceOp op) {
  compute_uniform();
  return reduce_made(op, plan_.result, size_, plan_.cost, [&](std::int64_t begin, std::int64_t n, std::byte* to) {
    RegionBlocks(*this, to, begin).run(begin, begin + n);
  });
}

}  // namespace inlay

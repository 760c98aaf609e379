// region_flat.cpp - see region_flat.h.
#include "runtime/region_flat.h"

#include <algorithm>

#include "runtime/context.h"
#include "runtime/region_blocks.h"

namespace inlay {

using Source = RegionPlan::Source;
using Op = RegionPlan::Op;

/// Finds the shape and where each source lies; false if some lie otherwise, or there are no more than single elements.
bool FlatRegion::lay_out() {
  std::size_t rank = 0;
  for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
    Source& source = plan_.sources[at];
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    if (input.weak) {
      load_number(source, input);
      rows_[at] = {source.element.data(), true};
      continue;
    }
    rows_[at] = {input.data, input.size == 1};
    converts_ += source.convert != nullptr;
    rank = std::max(rank, input.shape->size());
    if (input.size == 1) continue;
    if (!input.contiguous || (shape_ && !(*shape_ == *input.shape))) return false;
    shape_ = input.shape;
    size_ = input.size;
  }
  return shape_ && shape_->size() == rank && size_ > 0 && size_ <= plan_.block;
}

bool FlatRegion::numbers_pass() const {
  const auto number = [&](int input) { return inputs_[static_cast<std::size_t>(input)].integer; };
  return std::all_of(plan_.divisors.begin(), plan_.divisors.end(), [&](int input) { return number(input) != 0; }) &&
         std::all_of(plan_.exponents.begin(), plan_.exponents.end(), [&](int input) { return number(input) >= 0; });
}

/// Registers lie close together, each with room for a kernel that stores a whole vector at its end.
bool FlatRegion::has_space() {
  constexpr std::size_t kLine = 64;
  const std::int64_t widest = RegionPlan::kRegisterBytes / plan_.block;
  stride_ = (static_cast<std::size_t>(size_ * widest) / kLine + 2) * kLine;
  return (converts_ + static_cast<std::size_t>(plan_.registers)) * stride_ <= kSpace;
}

/// An op over single elements has one result.
void FlatRegion::find_single_results() {
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
    const Op& op = plan_.ops[at];
    bool is_single = true;
    for (int operand = 0; operand < op.count; ++operand) is_single = is_single && rows_[op.operands[operand]].scalar;
    rows_[plan_.sources.size() + at] = {nullptr, is_single};
  }
}

/// Whether an assignment's mask has as many elements as the target.
bool FlatRegion::masks_in_full(const RegionSteps& region) const {
  return region.steps.back().kind != RegionStep::Kind::assign_where || !rows_[plan_.ops.back().operands[0]].scalar;
}

/// Whether the plan is for all the region's steps, and the last of them has a result of the region's size.
static bool is_plain(const RegionPlan& plan, const RegionSteps& region) {
  for (std::size_t at = static_cast<std::size_t>(region.inputs); at < plan.signature.size(); ++at)
    if (plan.signature[at] != 0) return false;
  return plan.fits && region.steps.back().kind != RegionStep::Kind::reduce;
}

const Shape* FlatRegion::shape(const RegionSteps& region) {
  if (!is_plain(plan_, region) || plan_.sources.size() + plan_.ops.size() > kMostSlots) return nullptr;
  if (!lay_out() || !numbers_pass() || !has_space()) return nullptr;
  find_single_results();
  if (!masks_in_full(region)) return nullptr;
  context().charge(static_cast<std::uint64_t>(size_) * static_cast<std::uint64_t>(plan_.steps), 0);
  return shape_;
}

void FlatRegion::run(std::byte* out) {
  std::byte* next = space_;
  for (std::size_t at = 0; converts_ > 0 && at < plan_.sources.size(); ++at) {
    const Source& source = plan_.sources[at];
    if (!source.convert) continue;
    source.convert(rows_[at].data, next, rows_[at].scalar ? 1 : size_);
    rows_[at].data = next;
    next += stride_;
  }
  const std::size_t last = plan_.ops.size() - 1;
  for (std::size_t at = 0; at <= last; ++at) {
    const Op& op = plan_.ops[at];
    Row& row = rows_[plan_.sources.size() + at];
    std::byte* const to = at == last ? out : next + static_cast<std::size_t>(op.reg) * stride_;
    RegionBlocks::run_op(op, rows_, to, row.scalar ? 1 : size_);
    row.data = to;
  }
}

}  // namespace inlay

// region_blocks.cpp - see region_blocks.h.
// Cases of an assignment through a mask, block by block: nothing chosen -> nothing is read | cheap formula, or nearly
// everything chosen -> computed for all elements and blended | else the chosen elements of the operands are packed,
// computed side by side, and spread over the target.
#include "runtime/elementwise/region_blocks.h"

#include <algorithm>

#include "runtime/indexing/compress_kernels.h"
#include "runtime/indexing/gather_row.h"
#include "runtime/threads/ask_ahead.h"

namespace inlay {
namespace {

using Op = RegionPlan::Op;

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

void run_fused(const Op& op, const Row* rows, std::byte* to, std::int64_t n) {
  std::array<SelectSide, kMostFusedOperands> operands;
  for (int at = 0; at < op.count; ++at) operands[at] = {rows[op.operands[at]].data, rows[op.operands[at]].scalar};
  op.fused(operands.data(), to, n);
}

/// How many of a block's bytes an op asks for: whole lines.
std::int64_t share_of(std::int64_t bytes, std::size_t ops) {
  return (bytes / static_cast<std::int64_t>(ops) + kLine) / kLine * kLine;
}

}  // namespace

void RegionBlocks::run_op(const Op& op, const Row* rows, std::byte* to, std::int64_t n) {
  switch (op.kind) {
    case Op::Kind::unary:
      return op.row->v(rows[op.operands[0]].data, to, n);
    case Op::Kind::binary:
      return run_binary(op, rows, to, n);
    case Op::Kind::select:
      return run_select(op, rows, to, n);
    case Op::Kind::cast:
      return op.cast(rows[op.operands[0]].data, to, n);
    case Op::Kind::fused:
      return run_fused(op, rows, to, n);
    case Op::Kind::compress:
      return;  // compute_chosen()
  }
}

RegionBlocks::RegionBlocks(const RegionCall& call) : call_(call), plan_(call.plan_) {
  int reg = plan_.registers;
  for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
    buffers_[at] = nullptr;
    if (call.layouts_[at] == Layout::uniform)
      rows_[at] = call.rows_[at];
    else if (call.layouts_[at] == Layout::walked || plan_.sources[at].convert || call.packed_[at])
      buffers_[at] = registers_[reg++];
  }
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
    const std::size_t slot = plan_.sources.size() + at;
    rows_[slot] = call.layouts_[slot] == Layout::uniform ? call.rows_[slot] : Row{registers_[plan_.ops[at].reg], false};
  }
  if (call_.size_ * plan_.widest > kCachedBytes && plan_.ops.size() > 1) find_asked();
}

/// How a source is walked; null if it is flat.
const RegionCall::Walked* RegionBlocks::walk_of(std::size_t slot) const {
  if (call_.layouts_[slot] != Layout::walked) return nullptr;
  return &call_.walked_[static_cast<std::size_t>(call_.places_[slot])];
}

const std::byte* RegionBlocks::data_of(std::size_t slot) const {
  return call_.inputs_[static_cast<std::size_t>(plan_.sources[slot].input)].data;
}

/// Whether another source lies as this one does, only a little ahead of it: when this one is read, its lines are there.
bool RegionBlocks::trails(std::size_t slot) const {
  constexpr std::int64_t kNear = 1 << 17;  // bytes; the second-level cache holds more of some sources
  const RegionCall::Walked* const walk = walk_of(slot);
  for (std::size_t other = 0; other < plan_.sources.size(); ++other) {
    if (other == slot || call_.layouts_[other] != call_.layouts_[slot]) continue;
    if (walk && !(walk_of(other)->strides == walk->strides)) continue;
    const std::int64_t ahead = data_of(other) - data_of(slot);
    if (ahead == 0 ? other < slot : ahead > 0 && ahead <= kNear) return true;
  }
  return false;
}

bool RegionBlocks::is_asked(std::size_t slot) const {
  if (call_.layouts_[slot] == Layout::uniform || trails(slot)) return false;
  const RegionCall::Walked* const walk = walk_of(slot);
  return !walk || (call_.rows_in_place_ && walk->strides[walk->strides.size() - 1] == walk->itemsize);
}

void RegionBlocks::find_asked() {
  for (std::size_t slot = 0; slot < plan_.sources.size(); ++slot) {
    if (!is_asked(slot)) continue;
    const RegionInput& input = call_.inputs_[static_cast<std::size_t>(plan_.sources[slot].input)];
    const int size = itemsize(input.dtype);
    asked_[asked_count_++] = {input.data, walk_of(slot), size, share_of(plan_.block * size, plan_.ops.size()), nullptr};
  }
  result_share_ = share_of(plan_.block * plan_.ops.back().size, plan_.ops.size());
  // One op over one source, or two over two, read as a loop does that the processor's own prefetching follows.
  asks_ahead_ = plan_.ops.size() > asked_count_;
}

/// Finds where the block behind this one begins in what is asked for.
void RegionBlocks::look_ahead() {
  NestCursor next;
  if (!call_.walked_.empty()) {
    next = cursor_;
    next.advance(call_.nest_, n_);
  }
  for (Asked& each : std::span(asked_).first(asked_count_))
    each.next = each.data + (each.walked ? next.offset(each.walked->strides) : (at_ + n_) * each.size);
}

void RegionBlocks::run(std::int64_t begin, std::int64_t end, std::byte* out) {
  const int size = plan_.ops.back().size;
  for (std::int64_t at = begin; at < end; at += n_) {
    seek(at, end - at);
    compute(out + (at - begin) * size);
  }
}

void RegionBlocks::run_cached(std::int64_t begin, std::int64_t end, std::byte* out) {
  keep_cached();
  run(begin, end, out);
}

std::int64_t RegionBlocks::seek(std::int64_t at, std::int64_t most) {
  const bool is_next = call_.rows_in_place_ && n_ > 0 && at == at_ + n_;
  const std::int64_t passed = n_;
  at_ = at;
  n_ = std::min(plan_.block, most);
  if (!call_.walked_.empty()) {
    if (is_next)
      cursor_.advance(call_.nest_, passed);
    else
      cursor_.seek(call_.nest_, at);
    if (call_.rows_in_place_) n_ = std::min(n_, call_.nest_.back() - cursor_.column);
  }
  if (asks_ahead_) look_ahead();
  return n_;
}

/// Sources [begin, end).
void RegionBlocks::load(std::size_t begin, std::size_t end) {
  for (std::size_t slot = begin; slot < end; ++slot) {
    const RegionPlan::Source& source = plan_.sources[slot];
    if (call_.layouts_[slot] == Layout::uniform) continue;
    const RegionInput& input = call_.inputs_[static_cast<std::size_t>(source.input)];
    const std::byte* from = call_.layouts_[slot] == Layout::flat ? input.data + at_ * itemsize(input.dtype)
                                                                 : walked(slot, source.convert != nullptr);
    if (source.convert) source.convert(from, buffers_[slot], n_);
    rows_[slot] = {source.convert ? buffers_[slot] : from, false};
  }
}

void RegionBlocks::compute(std::byte* to) {
  load(0, plan_.sources.size());
  const std::size_t last = plan_.ops.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const Op& op = plan_.ops[i];
    if (asks_ahead_) ask_ahead(i, to);
    if (call_.layouts_[plan_.sources.size() + i] == Layout::uniform) continue;
    run_op(op, rows_.data(), i == last ? to : registers_[op.reg], n_);
  }
}

/// Asks for a part of the next block's lines before each op, so that memory works while the ops compute: the hardware
/// asks by itself only near what was read last, and one op has read all there is of a block.
void RegionBlocks::ask_ahead(std::size_t op, const std::byte* to) const {
  const auto part = static_cast<std::int64_t>(op);
  const std::byte* const next_result = to + n_ * plan_.ops.back().size;
  for (const Asked& each : std::span(asked_).first(asked_count_)) {
    const std::byte* const next = each.next;
    if (next == next_result) continue;  // written where it is read
    ask_to_read(next + part * each.share, next + std::min(n_ * each.size, (part + 1) * each.share));
  }
  if (stays_cached_) return;
  const std::int64_t bytes = std::min(n_ * plan_.ops.back().size, (part + 1) * result_share_);
  ask_to_write(next_result + part * result_share_, next_result + bytes);
}

/// The block's elements of a walked source, where they lie if they are neighbours.
const std::byte* RegionBlocks::walked(std::size_t slot, bool converts) {
  const auto& source = call_.walked_[static_cast<std::size_t>(call_.places_[slot])];
  const Shape& nest = call_.nest_;
  const std::int64_t stride = source.strides[nest.size() - 1];
  if (stride == source.itemsize && cursor_.column + n_ <= nest.back())
    return source.data + cursor_.offset(source.strides);
  std::byte* to = converts ? staging_ : buffers_[slot];
  visit_size(source.itemsize, [&]<class T>(Type<T>) {
    for_each_row(cursor_, nest, source.strides, n_, [&](std::int64_t from, std::int64_t done, std::int64_t count) {
      gather_row<T>(source.data + from, stride, to + done * source.itemsize, count);
    });
  });
  return to;
}

// ---- through a mask -------------------------------------------------------------------------------------------------

bool RegionBlocks::pays_to_pack(std::int64_t count) const {
  return call_.packs_ > 0 && plan_.cost * (n_ - count) > RegionPlan::kPackCost * (call_.packs_ + 1) * n_;
}

void RegionBlocks::load_chosen(const std::uint8_t* mask, std::int64_t count) {
  for (std::size_t slot = 0; slot < plan_.sources.size(); ++slot) {
    const RegionPlan::Source& source = plan_.sources[slot];
    if (!call_.packed_[slot]) continue;
    const RegionInput& input = call_.inputs_[static_cast<std::size_t>(source.input)];
    const std::int64_t size = itemsize(input.dtype);
    std::byte* to = source.convert ? staging_ : buffers_[slot];
    mask_kernels(itemsize(input.dtype)).pack(mask, input.data + at_ * size, to, to + count * size, n_);
    if (source.convert) source.convert(to, buffers_[slot], count);
    rows_[slot] = {buffers_[slot], false};
  }
}

void RegionBlocks::assign_chosen(std::byte* to) {
  const Op& store = plan_.ops.back();
  const auto mask_slot = static_cast<std::size_t>(store.operands[0]);
  if (call_.layouts_[mask_slot] != Layout::flat) return compute(to);
  const RegionInput& mask_input = call_.inputs_[static_cast<std::size_t>(plan_.sources[mask_slot].input)];
  const auto* mask = reinterpret_cast<const std::uint8_t*>(mask_input.data) + at_;
  const std::int64_t count = mask_table().count(mask, n_);
  if (count == 0) return;
  if (!pays_to_pack(count)) return compute(to);
  load_chosen(mask, count);
  for (std::size_t i = 0; i + 1 < plan_.ops.size(); ++i) {
    const Op& op = plan_.ops[i];
    if (call_.layouts_[plan_.sources.size() + i] == Layout::uniform) continue;
    run_op(op, rows_.data(), registers_[op.reg], count);
  }
  const std::byte* values = rows_[static_cast<std::size_t>(store.operands[1])].data;
  mask_kernels(store.size).store(mask, to, values, values + count * store.size, n_);
}

// ---- what a mask chooses --------------------------------------------------------------------------------------------

std::int64_t RegionBlocks::choose(std::int64_t known) {
  stays_cached_ = true;  // no more is asked for: how far packed elements reach is not known ahead
  load(0, plan_.mask_sources);
  for (std::size_t i = 0; i < plan_.mask_ops; ++i) {
    if (asks_ahead_) ask_ahead(i, registers_[0]);
    if (call_.layouts_[plan_.sources.size() + i] == Layout::uniform) continue;
    run_op(plan_.ops[i], rows_.data(), registers_[plan_.ops[i].reg], n_);
  }
  const Row& mask = rows_[static_cast<std::size_t>(plan_.mask)];
  return chosen_ = known >= 0 ? known : mask_table().count(reinterpret_cast<const std::uint8_t*>(mask.data), n_);
}

void RegionBlocks::compute_chosen(std::byte* to, const std::byte* end) {
  if (chosen_ == 0) return;
  load(plan_.mask_sources, plan_.sources.size());
  const auto* mask = reinterpret_cast<const std::uint8_t*>(rows_[static_cast<std::size_t>(plan_.mask)].data);
  const std::size_t last = plan_.ops.size() - 1;
  for (std::size_t i = plan_.mask_ops; i <= last; ++i) {
    if (asks_ahead_) ask_ahead(i, registers_[0]);
    const Op& op = plan_.ops[i];
    if (call_.layouts_[plan_.sources.size() + i] == Layout::uniform) continue;
    std::byte* const out = i == last ? to : registers_[op.reg];
    if (op.kind == Op::Kind::compress)
      mask_kernels(op.size).pack(mask, rows_[static_cast<std::size_t>(op.operands[1])].data, out,
                                 i == last ? end : out + RegionPlan::kRegisterBytes, n_);
    else
      run_op(op, rows_.data(), out, chosen_);
  }
}

}  // namespace inlay

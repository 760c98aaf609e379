// index_apply.cpp - reading by subscript, and the updates that combine duplicates.
// Knows nothing of paths.
// Invariant: every check and cast comes before the target is asked for its writable bytes.
#include <algorithm>
#include <cstring>
#include <utility>

#include "interpreter/subscripts/assign_value.h"
#include "interpreter/subscripts/index_select.h"
#include "runtime/indexing/compress.h"
#include "runtime/indexing/gather.h"
#include "runtime/reductions/sort.h"
#include "runtime/tensors/dense_rows.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

/// A tensor of one element, in memory of its own: a view would keep all of x alive.
Tensor element(const Tensor& x, std::int64_t offset) {
  Tensor out = Tensor::empty(x.dtype(), {});
  std::memcpy(out.mutable_bytes(), x.bytes() + offset, static_cast<std::size_t>(x.itemsize()));
  return out;
}

/// Drops all entries but the first of each place, or refuses a second one.
void keep_first(Tensor& offsets, bool refuse) {
  const Tensor order = argsort(ravel(offsets), 0);  // stable: the first entry of each place comes first
  const std::int64_t* const entries = order.data<std::int64_t>();
  std::int64_t* const at = offsets.mutable_data<std::int64_t>();
  std::int64_t place = kDropped, least = offsets.size();
  serial_for(offsets.size(), [&](std::int64_t begin, std::int64_t end) {
    for (const std::int64_t entry : std::span(entries + begin, entries + end)) {
      const bool is_second = at[entry] == std::exchange(place, at[entry]);
      if (!is_second || place == kDropped) continue;
      least = std::min(least, entry);
      at[entry] = kDropped;
    }
  });
  if (refuse && least < offsets.size())
    raise(ErrorKind::ValueError, "entry {} of the indices names a place a second time (duplicates=\"error\")", least);
}

/// A long list of indices of a vector that is read where it lies; null for any other subscript. Short ones gain
/// nothing.
const Tensor* long_list(const Tensor& x, std::span<const IndexItem> items) {
  const auto* indices = items.size() == 1 ? std::get_if<Tensor>(&items[0]) : nullptr;
  const bool is_list = indices && indices->dtype() == DType::int64 && indices->size() > kParallelBlock &&
                       indices->is_contiguous() && x.rank() == 1 && x.is_contiguous();
  return is_list ? indices : nullptr;
}

}  // namespace

Tensor index_get(const Tensor& x, std::span<const IndexItem> items, IndexMode mode) {
  if (mode == IndexMode::drop) mode = IndexMode::clip;  // there is no element to give
  if (mode == IndexMode::raise && x.rank() > 0) {
    if (const std::optional<std::int64_t> offset = element_offset(x, items)) return element(x, *offset);
  }
  if (const Tensor* indices = mode == IndexMode::raise ? long_list(x, items) : nullptr) {
    if (Tensor out = gather(x, *indices)) return out;  // or else what follows says which one is out of range
  }
  const Layout layout = layout_of(x);
  const Tensor* mask = whole_mask(layout, items);
  if (mask && mask->rank() > 0 && has_dense_rows(layout)) {
    check_mask(layout, 0, *mask);
    return MaskRanks(*mask).pack(layout, x.bytes());
  }
  const Selection selection = select(layout, items, mode);
  if (selection.indexed) return gather_selection(selection, x.bytes());
  return selection.scalar && x.rank() > 0 ? element(x, selection.view.offset) : view_of(x, selection.view);
}

void index_accumulate(Tensor& x, std::span<const IndexItem> items, UpdateKind kind, const Operand& value,
                      IndexMode mode, Duplicates duplicates) {
  update_with_settled_layout(x, [&](Tensor& target) {
    Selection selection = select(layout_of(target), items, mode);
    selection.scalar = false;
    if (selection.indexed && duplicates != Duplicates::last) {
      settle_offsets(selection);
      keep_first(selection.offsets, duplicates == Duplicates::error);
    }
    const Tensor cast_value = value_to_store(value, selection);
    check_combination(kind, target.dtype());
    if (element_count(selection.shape()) > 0) update_elements(kind, target, selection, cast_value);
  });
}

}  // namespace inlay

// index_select.h - what a subscript selects of a layout.
// Knows nothing of values to be written; used by reads and writes alike.
// Invariant: a Selection that is returned lies inside the layout: every bound and shape has been checked.
#pragma once

#include "interpreter/subscripts/index_plan.h"
#include "runtime/indexing/selection.h"

namespace inlay {

/// Parses a subscript against a layout. Throws IndexError, ValueError and TypeError in NumPy's words. In
/// IndexMode::drop, entries out of range have the offset kDropped.
Selection select(const Layout& x, std::span<const IndexItem> items, IndexMode mode);

/// The mask, if the subscript is one mask of as many axes as the layout: NumPy has assignment rules of its own for it.
const Tensor* whole_mask(const Layout& x, std::span<const IndexItem> items);
/// Throws IndexError where a mask's shape is not that of the axes from `axis` on.
void check_mask(const Layout& x, std::size_t axis, const Tensor& mask);

/// The offset of one element if the subscript is one plain integer per axis, without allocating.
std::optional<std::int64_t> element_offset(const Tensor& x, std::span<const IndexItem> items);

}  // namespace inlay

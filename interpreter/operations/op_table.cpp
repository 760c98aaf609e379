// op_table.cpp - all families of ops as one table: by name, and to their parsed signatures.
// Knows nothing of what any op does.
// Invariant: the table is built once and never changes; signatures are parsed on first use and never given back.
#include "interpreter/operations/op_table.h"

#include <atomic>
#include <functional>

#include "interpreter/operations/drawing.h"
#include "interpreter/operations/signature.h"

namespace inlay {
namespace {

using Family = std::span<const OpRow> (*)();
constexpr Family kFamilies[] = {
    // ORDER FAMILIES (op_table.h)
    python_ops, elementwise_ops, creation_ops, shape_ops, reduce_ops,  index_ops,    sort_ops,     linalg_ops,
    math_ops,   file_ops,        random_ops,   help_ops,  drawing_ops, printing_ops, gradient_ops, pullback_ops,
};

/// Finds the place of a key by open addressing; `slots` is a power of two with room to spare.
template <class Slots, class Matches>
std::size_t probe(const Slots& slots, std::size_t hash, std::size_t count, const Matches& matches) {
  std::size_t at = hash & (count - 1);
  while (slots[at] != nullptr && !matches(*slots[at])) at = (at + 1) & (count - 1);
  return at;
}

class Table {
 public:
  Table() {
    for (const Family family : kFamilies) {
      for (const OpRow& row : family()) rows_.push_back(&row);
    }
    while (slots_ < 3 * rows_.size()) slots_ *= 2;
    by_name_.resize(slots_);
    by_address_.resize(slots_);
    signatures_ = std::make_unique<std::atomic<const Signature*>[]>(slots_);
    for (const OpRow* row : rows_) {
      by_name_[probe(by_name_, name_hash(row->name), slots_, [](const OpRow&) { return false; })] = row;
      by_address_[place_of(*row)] = row;
    }
  }
  ~Table() {
    for (std::size_t at = 0; at < slots_; ++at) delete_signature(signatures_[at].load());
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] std::span<const OpRow* const> rows() const { return rows_; }

  [[nodiscard]] const OpRow* find(std::string_view name, std::uint16_t visibility) const {
    return by_name_[probe(by_name_, name_hash(name), slots_,
                          [&](const OpRow& row) { return (row.visibility & visibility) != 0 && row.name == name; })];
  }

  [[nodiscard]] const Signature& signature(const OpRow& row) const {
    const std::size_t place = place_of(row);
    const Signature* known = signatures_[place].load(std::memory_order_acquire);
    return known ? *known : parse(row, place);
  }

 private:
  static std::size_t name_hash(std::string_view name) { return std::hash<std::string_view>()(name); }
  static void delete_signature(const Signature* signature) { std::unique_ptr<const Signature>(signature).reset(); }

  [[nodiscard]] std::size_t place_of(const OpRow& row) const {
    const std::size_t hash = reinterpret_cast<std::uintptr_t>(&row) * 0x9E3779B97F4A7C15ULL >> 32;
    return probe(by_address_, hash, slots_, [&](const OpRow& other) { return &other == &row; });
  }

  /// Of several threads that parse at once, the first one's result stays.
  const Signature& parse(const OpRow& row, std::size_t place) const {
    INLAY_CHECK(by_address_[place] == &row);
    auto parsed = std::make_unique<const Signature>(parse_signature(row.signature));
    const Signature* expected = nullptr;
    if (signatures_[place].compare_exchange_strong(expected, parsed.get(), std::memory_order_acq_rel))
      return *parsed.release();
    return *expected;
  }

  std::vector<const OpRow*> rows_;
  std::size_t slots_ = 64;
  std::vector<const OpRow*> by_name_;
  std::vector<const OpRow*> by_address_;
  std::unique_ptr<std::atomic<const Signature*>[]> signatures_;  // beside by_address_
};

const Table& table() {
  static const Table instance;
  return instance;
}

}  // namespace

std::span<const OpRow* const> op_rows() { return table().rows(); }
const OpRow* find_op(std::string_view name, std::uint16_t visibility) { return table().find(name, visibility); }
const Signature& signature_of(const OpRow& row) { return table().signature(row); }

}  // namespace inlay

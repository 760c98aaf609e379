// unread_values.cpp - see unread_values.h. Lowering hands on every local that a branch or a round binds; which of them
// anybody reads is known when the whole function is there. Knows nothing of names: of a local that may be unbound, the
// `bound` that asks is the reader.
// Invariant: a register is read if an instruction has it as an operand, or if it is handed on to one that is read.
#include "interpreter/unread_values.h"

#include <algorithm>
#include <vector>

#include "runtime/context.h"

namespace inlay::ir {

namespace {

bool is_loop(const Instruction& in) { return in.code == Opcode::while_ || in.code == Opcode::for_; }

/// Before a loop's carried values there is what it walks over, and before their parameters the item.
std::size_t first_carried(const Instruction& loop) { return loop.code == Opcode::for_ ? 1 : 0; }

Block& body_of(Instruction& loop) { return *loop.blocks[loop.code == Opcode::while_ ? 1 : 0]; }

/// Where the values of jumps and of `yield` go.
struct Around {
  Instruction* loop = nullptr;   // the innermost, for jumps
  Instruction* owner = nullptr;  // of the block that a `yield` ends; null in the condition of a loop
};

/// Calls `visit(instruction, around)` for each instruction of a block and of blocks inside it, inner ones first.
template <class Visit>
void walk(Block& block, const Around& around, const Visit& visit) {
  context().poll();
  for (auto& in : block.body) {
    for (auto& inner : in.blocks) {
      const bool is_body = is_loop(in) && inner.get() == &body_of(in);
      const bool is_condition = in.code == Opcode::while_ && inner == in.blocks.front();
      walk(*inner, {is_body ? &in : around.loop, is_condition ? nullptr : &in}, visit);
    }
    visit(in, around);
  }
}

/// Which registers of a function are read.
class Reads {
 public:
  explicit Reads(Function& function)
      : first_(static_cast<std::size_t>(function.registers), kNone), read_(first_.size()) {
    walk(function.body, {}, [this](Instruction& in, const Around& around) { note(in, around); });
    follow();
  }

  [[nodiscard]] bool has(Place place) const { return read_[static_cast<std::size_t>(place.index)]; }

 private:
  static constexpr std::int32_t kNone = -1;
  struct Feed {
    Place from;
    std::int32_t next;
  };

  void note(Instruction& in, const Around& around) {
    if (in.code == Opcode::continue_)
      return hand_on(in, 0, body_of(*around.loop).parameters, first_carried(*around.loop));
    if (in.code == Opcode::break_) return hand_on(in, 0, around.loop->results, 0);
    if (in.code == Opcode::yield && around.owner != nullptr) return hand_on(in, 0, around.owner->results, 0);
    const std::size_t first = is_loop(in) ? first_carried(in) : in.operands.size();
    for (std::size_t at = 0; at < first; ++at) read(in.operands[at]);
    if (is_loop(in)) hand_on(in, first, body_of(in).parameters, first);
  }

  /// The operands from `first` on are what these registers are set to.
  void hand_on(const Instruction& in, std::size_t first, const std::vector<Place>& to, std::size_t first_to) {
    for (std::size_t at = first; at < in.operands.size(); ++at) {
      if (in.operands[at].kind != Place::Kind::reg) continue;
      std::int32_t& newest = first_[static_cast<std::size_t>(to[first_to + at - first].index)];
      feeds_.push_back({in.operands[at], newest});
      newest = static_cast<std::int32_t>(feeds_.size()) - 1;
    }
  }

  void read(Place place) {
    if (place.kind != Place::Kind::reg || has(place)) return;
    read_[static_cast<std::size_t>(place.index)] = true;
    pending_.push_back(static_cast<std::size_t>(place.index));
  }

  void follow() {
    while (!pending_.empty()) {
      std::int32_t at = first_[pending_.back()];
      pending_.pop_back();
      for (; at != kNone; at = feeds_[static_cast<std::size_t>(at)].next)
        read(feeds_[static_cast<std::size_t>(at)].from);
    }
  }

  std::vector<std::int32_t> first_;  // of each register, the newest of its feeds
  std::vector<Feed> feeds_;
  std::vector<bool> read_;
  std::vector<std::size_t> pending_;
};

/// Takes the places out of which `keeps` says no, those before `first` excepted.
template <class Keeps>
void retain(std::vector<Place>& places, std::size_t first, const Keeps& keeps) {
  std::size_t kept = first;
  for (std::size_t at = first; at < places.size(); ++at)
    if (keeps(at - first)) places[kept++] = places[at];
  places.resize(kept);
}

class Remover {
 public:
  Remover(Program& program, Function& function) : program_(program), reads_(function) {
    walk(function.body, {}, [this](Instruction& in, const Around& around) { instruction(in, around); });
  }

 private:
  void instruction(Instruction& in, const Around& around) {
    if (in.code == Opcode::continue_)
      begin_round(in, 0, *around.loop);
    else if (in.code == Opcode::break_)
      retain(in.operands, 0, [&](std::size_t at) { return is_handed_on(*around.loop, at); });
    else if (in.code == Opcode::yield && around.owner != nullptr)
      retain(in.operands, 0, [&](std::size_t at) { return is_handed_on(*around.owner, at); });
    else if (in.code == Opcode::if_)
      retain(in.results, 0, [&](std::size_t at) { return reads_.has(in.results[at]); });
    else if (is_loop(in))
      loop(in);
  }

  void loop(Instruction& in) {
    const std::size_t first = first_carried(in);
    begin_round(in, first, in);
    std::vector<Place> parameters = body_of(in).parameters, results = in.results;
    retain(parameters, first, [&](std::size_t at) { return is_handed_on(in, at); });
    retain(results, 0, [&](std::size_t at) { return is_handed_on(in, at); });
    body_of(in).parameters = std::move(parameters);
    in.results = std::move(results);
  }

  /// The values that a round begins with. What is read only behind the loop need not be kept until it is bound again.
  void begin_round(Instruction& in, std::size_t first, Instruction& loop) {
    const auto& parameters = body_of(loop).parameters;
    for (std::size_t at = first; at < in.operands.size(); ++at)
      if (!reads_.has(parameters[first_carried(loop) + at - first])) in.operands[at] = unbound();
    retain(in.operands, first, [&](std::size_t at) { return is_handed_on(loop, at); });
  }

  [[nodiscard]] bool is_handed_on(Instruction& in, std::size_t at) const {
    if (reads_.has(in.results[at])) return true;
    return is_loop(in) && reads_.has(body_of(in).parameters[first_carried(in) + at]);
  }

  Place unbound() {
    if (!unbound_) {
      unbound_ = {Place::Kind::constant, static_cast<std::int32_t>(program_.constants.size())};
      program_.constants.emplace_back();
    }
    return unbound_;
  }

  Program& program_;
  Reads reads_;
  Place unbound_;
};

}  // namespace

void drop_unread_values(Program& program) {
  for (auto& function : program.functions) Remover(program, *function);
}

}  // namespace inlay::ir

// unread_values.cpp - see unread_values.h. Lowering hands on every local that a branch or a round binds; which of them
// anybody reads is known when the whole function is there. Knows nothing of names: of a local that may be unbound, the
// `bound` that asks is the reader.
// Invariant: a register is read if an instruction has it as an operand, or if it is handed on to one that is read.
#include "interpreter/lowering/unread_values.h"

#include <vector>

#include "runtime/memory/context.h"

namespace inlay::ir {

namespace {

bool is_loop(const Instruction& in) { return in.code == Opcode::while_ || in.code == Opcode::for_; }

Block& body_of(Instruction& loop) { return *loop.blocks[loop.code == Opcode::while_ ? 1 : 0]; }

/// What a function's branches and loops hand on.
class HandedOn {
 public:
  HandedOn(Program& program, Function& function)
      : program_(program), newest_(static_cast<std::size_t>(function.registers), kNone), read_(newest_.size()) {
    block(function.body, nullptr, nullptr);
    follow();
    for (const Giver& giver : givers_) remove_unread(giver);
    for (Instruction* taker : takers_) remove_unread(*taker);
  }

 private:
  static constexpr std::int32_t kNone = -1;
  /// One way in which a register is set.
  struct Feed {
    Place from;
    std::int32_t next;
  };
  /// An instruction whose last operands become what a branch or a loop results in, or what a round begins with.
  struct Giver {
    Instruction* in;
    Instruction* taker;
    bool is_round;
  };

  /// `loop`: the innermost, for jumps; `owner`: whose results a `yield` gives, null in a loop's condition.
  void block(Block& block, Instruction* loop, Instruction* owner) {
    context().poll();
    for (auto& in : block.body) {
      for (auto& inner : in.blocks) {
        const bool is_body = is_loop(in) && inner.get() == &body_of(in);
        const bool is_condition = in.code == Opcode::while_ && inner == in.blocks.front();
        this->block(*inner, is_body ? &in : loop, is_condition ? nullptr : &in);
      }
      instruction(in, loop, owner);
    }
  }

  void instruction(Instruction& in, Instruction* loop, Instruction* owner) {
    if (is_loop(in)) {
      if (in.code == Opcode::for_) read(in.operands[0]);
      give({&in, &in, true});
      takers_.push_back(&in);
    } else if (in.code == Opcode::continue_ || in.code == Opcode::break_) {
      give({&in, loop, in.code == Opcode::continue_});
    } else if (in.code == Opcode::yield && owner != nullptr) {
      give({&in, owner, false});
    } else {
      for (const Place operand : in.operands) read(operand);
      if (in.code == Opcode::if_) takers_.push_back(&in);
    }
  }

  void give(const Giver& giver) {
    givers_.push_back(giver);
    const auto& from = giver.in->operands;
    const auto& to = giver.is_round ? body_of(*giver.taker).parameters : giver.taker->results;
    const std::size_t count = giver.taker->results.size();
    for (std::size_t at = 1; at <= count; ++at) {
      std::int32_t& newest = newest_[static_cast<std::size_t>(to[to.size() - at].index)];
      feeds_.push_back({from[from.size() - at], newest});
      newest = static_cast<std::int32_t>(feeds_.size()) - 1;
    }
  }

  void read(Place place) {
    if (place.kind != Place::Kind::reg || is_read(place)) return;
    read_[static_cast<std::size_t>(place.index)] = true;
    pending_.push_back(place.index);
  }
  [[nodiscard]] bool is_read(Place place) const { return read_[static_cast<std::size_t>(place.index)]; }

  void follow() {
    while (!pending_.empty()) {
      std::int32_t at = newest_[static_cast<std::size_t>(pending_.back())];
      pending_.pop_back();
      while (at != kNone) {
        const Feed feed = feeds_[static_cast<std::size_t>(at)];
        read(feed.from);
        at = feed.next;
      }
    }
  }

  // ---- removing ----

  void remove_unread(const Giver& giver) {
    auto& from = giver.in->operands;
    const auto& results = giver.taker->results;
    if (giver.is_round) forget_old(from, body_of(*giver.taker).parameters, results.size());
    keep(from, *giver.taker);
  }

  /// What is read only behind the loop need not be kept until it is bound again.
  void forget_old(std::vector<Place>& from, const std::vector<Place>& parameters, std::size_t count) {
    for (std::size_t at = 1; at <= count; ++at)
      if (!is_read(parameters[parameters.size() - at])) from[from.size() - at] = unbound();
  }

  void remove_unread(Instruction& taker) {
    std::vector<Place> results = taker.results;
    keep(results, taker);
    if (is_loop(taker)) {
      std::vector<Place> parameters = body_of(taker).parameters;
      keep(parameters, taker);
      body_of(taker).parameters = std::move(parameters);
    }
    taker.results = std::move(results);
  }

  /// Takes those of the last places out that stand for what is not handed on.
  void keep(std::vector<Place>& places, Instruction& taker) const {
    const std::size_t count = taker.results.size(), first = places.size() - count;
    std::size_t kept = first;
    for (std::size_t at = 0; at < count; ++at)
      if (is_handed_on(taker, at)) places[kept++] = places[first + at];
    places.resize(kept);
  }

  [[nodiscard]] bool is_handed_on(Instruction& taker, std::size_t at) const {
    if (is_read(taker.results[at])) return true;
    if (!is_loop(taker)) return false;
    const auto& parameters = body_of(taker).parameters;
    return is_read(parameters[parameters.size() - taker.results.size() + at]);
  }

  Place unbound() {
    if (!unbound_) {
      unbound_ = {Place::Kind::constant, static_cast<std::int32_t>(program_.constants.size())};
      program_.constants.emplace_back();
    }
    return unbound_;
  }

  Program& program_;
  std::vector<std::int32_t> newest_;  // of each register, among `feeds_`
  std::vector<Feed> feeds_;
  std::vector<bool> read_;
  std::vector<std::int32_t> pending_;
  std::vector<Giver> givers_;
  std::vector<Instruction*> takers_;
  Place unbound_;
};

}  // namespace

void drop_unread_values(Program& program) {
  for (auto& function : program.functions) HandedOn(program, *function);
}

}  // namespace inlay::ir

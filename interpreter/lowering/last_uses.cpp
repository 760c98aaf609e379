// last_uses.cpp - marks where each register is used for the last time, so that the evaluator can move it there and
// updates find their operand uniquely held. Backwards over the structured blocks; a loop's body may run again, so
// registers from outside stay alive through it and are dropped after it.
#include <algorithm>
#include <vector>

#include "interpreter/lowering/ir.h"
#include "runtime/memory/context.h"

namespace inlay::ir {

namespace {

using LiveSet = std::vector<bool>;

/// Marks the registers that branches inside a block define: what they leave is dropped behind the innermost of them.
/// Otherwise each of 900 nested branches would drop what is in all others.
void see_inside_branches(const Block& block, bool is_inside, LiveSet& seen) {
  const auto see = [&](const std::vector<Place>& places) {
    for (const Place place : places)
      if (is_inside && place.kind == Place::Kind::reg) seen[static_cast<std::size_t>(place.index)] = true;
  };
  see(block.parameters);
  for (const auto& instruction : block.body) {
    see(instruction.results);
    for (const auto& inner : instruction.blocks)
      see_inside_branches(*inner, is_inside || instruction.code == Opcode::if_, seen);
  }
}

/// Registers used in a block or in blocks inside it, each once, but for those that were seen before.
void collect_uses(const Block& block, LiveSet& seen, std::vector<std::size_t>& used) {
  for (const auto& instruction : block.body) {
    for (Place operand : instruction.operands) {
      const auto at = static_cast<std::size_t>(operand.index);
      if (operand.kind != Place::Kind::reg || seen[at]) continue;
      seen[at] = true;
      used.push_back(at);
    }
    for (const auto& inner : instruction.blocks) collect_uses(*inner, seen, used);
  }
}

void collect_definitions(const Block& block, LiveSet& defined) {
  for (Place parameter : block.parameters)
    if (parameter.kind == Place::Kind::reg) defined[static_cast<std::size_t>(parameter.index)] = true;
  for (const auto& instruction : block.body) {
    for (Place result : instruction.results)
      if (result.kind == Place::Kind::reg) defined[static_cast<std::size_t>(result.index)] = true;
    for (const auto& inner : instruction.blocks) collect_definitions(*inner, defined);
  }
}

class Marker {
 public:
  Marker(const Program& program, const Function& function)
      : program_(program), count_(static_cast<std::size_t>(function.registers)) {}

  void block(Block& block, LiveSet& live) {
    for (auto it = block.body.rbegin(); it != block.body.rend(); ++it) {
      if (!it->blocks.empty()) context().poll();  // each takes as long as there are registers
      instruction(*it, live);
    }
  }

 private:
  void instruction(Instruction& instruction, LiveSet& live) {
    if (instruction.code == Opcode::if_)
      branch(instruction, live);
    else if (instruction.code == Opcode::while_ || instruction.code == Opcode::for_)
      loop(instruction, live);
    if (instruction.code != Opcode::region) drop_unused(instruction, live);
    if (instruction.code == Opcode::region)
      region(instruction, live);
    else
      mark_operands(instruction, live);
    mark_variable(instruction);
  }

  /// Results that nothing reads, as of a statement that is a call, or of a loop that hands a value from round to round.
  static void drop_unused(Instruction& instruction, const LiveSet& live) {
    for (const Place result : instruction.results)
      if (result.kind == Place::Kind::reg && !live[static_cast<std::size_t>(result.index)])
        instruction.drops.push_back(result.index);
  }

  /// An operand is consumed if nothing later needs it and it occurs once.
  void mark_operands(Instruction& instruction, LiveSet& live) {
    const auto& operands = instruction.operands;
    for (std::size_t i = operands.size(); i-- > 0;) {
      if (operands[i].kind != Place::Kind::reg) continue;
      const auto at = static_cast<std::size_t>(operands[i].index);
      const bool is_marked = i < 64 && !live[at];
      if (is_marked && std::count(operands.begin(), operands.end(), operands[i]) == 1)
        instruction.consumed |= std::uint64_t(1) << i;
      live[at] = true;
    }
  }

  /// The variable that an instruction rebinds is consumed by it, unless its old value must be kept for the statement.
  static void mark_variable(Instruction& instruction) {
    if (instruction.undoable || instruction.results.empty()) return;
    const Place target = instruction.results[0];
    if (target.kind != Place::Kind::global && target.kind != Place::Kind::cell) return;
    int found = -1;
    for (std::size_t i = 0; i < instruction.operands.size() && i < 64; ++i) {
      if (instruction.operands[i] != target) continue;
      if (found >= 0) return;
      found = static_cast<int>(i);
    }
    if (found >= 0) instruction.consumed |= std::uint64_t(1) << found;
  }

  /// The region as a whole reads its operands when everything in it is done; its body is marked as if it stood alone,
  /// but for what runs before the ops do, which leaves them their operands.
  void region(Instruction& instruction, LiveSet& live) {
    const LiveSet behind = live;
    LiveSet after = live;
    mark_operands(instruction, after);
    block(*instruction.blocks[0], live);
    for (const RegionShape::At other : program_.regions[static_cast<std::size_t>(instruction.attribute)].others) {
      Instruction& each = instruction.blocks[0]->body[static_cast<std::size_t>(other.place)];
      if (other.inner >= 0)
        drop_all(each.blocks[0]->body[static_cast<std::size_t>(other.inner)], instruction, behind);
      else
        keep(each, instruction.operands);
    }
  }

  /// Takes back that an instruction consumes or drops any of these.
  static void keep(Instruction& instruction, const std::vector<Place>& places) {
    const auto is_kept = [&](Place place) { return std::find(places.begin(), places.end(), place) != places.end(); };
    for (std::size_t i = 0; i < instruction.operands.size() && i < 64; ++i)
      if (is_kept(instruction.operands[i])) instruction.consumed &= ~(std::uint64_t(1) << i);
    std::erase_if(instruction.drops, [&](std::int32_t at) { return is_kept({Place::Kind::reg, at}); });
    for (auto& inner : instruction.blocks)
      for (auto& each : inner->body) keep(each, places);
  }

  /// Has the outer region drop what an instruction inside a region of its body reads and makes. That may run twice, the
  /// first time out of its order: what it empties then is put back (KeptRegisters), and may be left over.
  static void drop_all(const Instruction& instruction, Instruction& outer, const LiveSet& behind) {
    const auto drop = [&](Place place) {
      const bool is_over = place.kind == Place::Kind::reg && !behind[static_cast<std::size_t>(place.index)];
      const bool is_known = std::find(outer.drops.begin(), outer.drops.end(), place.index) != outer.drops.end();
      const bool is_result = std::find(outer.results.begin(), outer.results.end(), place) != outer.results.end();
      if (is_over && !is_known && !is_result) outer.drops.push_back(place.index);
    };
    std::for_each(instruction.operands.begin(), instruction.operands.end(), drop);
    std::for_each(instruction.results.begin(), instruction.results.end(), drop);
    for (const auto& inner : instruction.blocks)
      for (const auto& each : inner->body) drop_all(each, outer, behind);
  }

  void branch(Instruction& instruction, LiveSet& live) {
    LiveSet then = live, otherwise = live;
    block(*instruction.blocks[0], then);
    block(*instruction.blocks[1], otherwise);
    const std::vector<std::size_t> inside = uses_inside(instruction);
    drop_dead(instruction, inside, live);
    for (const std::size_t at : inside) live[at] = live[at] || then[at] || otherwise[at];
  }

  void loop(Instruction& instruction, LiveSet& live) {
    LiveSet defined(count_);
    for (auto& each : instruction.blocks) collect_definitions(*each, defined);
    std::vector<std::size_t> outer = uses_inside(instruction);
    std::erase_if(outer, [&](std::size_t at) { return defined[at]; });
    LiveSet around = live;  // alive at the end of every round
    for (const std::size_t at : outer) around[at] = true;
    const bool is_while = instruction.code == Opcode::while_;
    Block& body = *instruction.blocks[is_while ? 1 : 0];
    LiveSet scratch = around;
    block(body, scratch);
    scratch = around;
    block(*instruction.blocks.back(), scratch);
    if (is_while) {  // the body reads its parameters after the condition did
      scratch = around;
      for (Place parameter : body.parameters) scratch[static_cast<std::size_t>(parameter.index)] = true;
      block(*instruction.blocks[0], scratch);
    }
    drop_dead(instruction, outer, live);
    for (const std::size_t at : outer) live[at] = true;
  }

  /// The registers that the blocks of an instruction use, in order, but for those that belong to branches in them. A
  /// function may have many instructions with blocks: none of them looks at all registers one by one.
  [[nodiscard]] std::vector<std::size_t> uses_inside(const Instruction& instruction) const {
    LiveSet seen(count_);
    std::vector<std::size_t> out;
    for (const auto& each : instruction.blocks) see_inside_branches(*each, false, seen);
    for (const auto& each : instruction.blocks) collect_uses(*each, seen, out);
    std::sort(out.begin(), out.end());
    return out;
  }

  static void drop_dead(Instruction& instruction, const std::vector<std::size_t>& used, const LiveSet& live_after) {
    for (const std::size_t at : used)
      if (!live_after[at]) instruction.drops.push_back(static_cast<std::int32_t>(at));
  }

  const Program& program_;
  std::size_t count_;
};

}  // namespace

void mark_last_uses(Program& program) {
  for (auto& function : program.functions) {
    LiveSet live(static_cast<std::size_t>(function->registers));
    Marker(program, *function).block(function->body, live);
  }
}

}  // namespace inlay::ir

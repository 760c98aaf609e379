// ir.h - the functional core: functions of blocks of instructions over SSA registers, with structured control flow.
// Knows nothing of syntax. Programs are immutable and may be shared between threads; caches live in the evaluator.
// Invariant (verify.cpp checks it): every register is defined exactly once, before its uses, in the same block or one
// around it; `consumed` marks the last use of a register, or the use of a variable by the instruction that rebinds it.
//
// Where values live:  %n register (one SSA value)   #n constant   @name module variable   ^name cell (a local that
// closures see) A module's variables are places, not registers: functions, hosts and errors see them between
// statements. An instruction may read a place as an operand and rebind one as its result; it fails before it rebinds,
// which is what makes statements atomic.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "grammar/source.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/values/value.h"
#include "runtime/elementwise/region.h"

namespace inlay::ir {

/// Where an operand comes from or a result goes to.
struct Place {
  enum class Kind : std::uint8_t { absent, reg, constant, global, cell };
  Kind kind = Kind::absent;
  std::int32_t index = -1;
  bool operator==(const Place&) const = default;
  explicit operator bool() const { return kind != Kind::absent; }
};

enum class Opcode : std::uint8_t {  // ORDER OPCODES (print_ir.cpp, verify.cpp, machine.cpp)
  copy,                             // result = operand
  bound,                            // result = operand if it is bound, else NameError for name `attribute`
  forget,                           // unbinds the place in `result`
  new_cell,                         // the cell in `result` is a new one, unbound
  op,                               // result = ops[attribute](operands in signature order; absent: default)
  call,                             // result = operands[0](…) as calls[attribute] says
  call_method,                      // result = operands[0].name(…) as calls[attribute] says
  unary,                            // result = detail operand
  binary,                           // result = operands[0] detail operands[1]
  compare,                          // result = operands[0] detail operands[1]
  truth,                            // result = bool(operand)
  logical_not,
  get_item,       // result = operands[0][subscripts[attribute] over the rest]
  get_attribute,  // result = operand.name
  make_tuple,     // result = (operands…), starred ones spread (shapes: stars[attribute], -1 none)
  make_list,
  make_dict,      // key, value, key, value…
  make_slice,     // start, stop, step
  append,         // result = operands[0] with operands[1] appended (comprehensions)
  insert,         // result = operands[0] with [operands[1]] = operands[2]
  unpack,         // results = the elements of operand as unpacks[attribute] says
  format,         // result = text of operand: conversion in `detail`, spec operands[1] or absent
  join,           // result = the strings joined
  make_function,  // result = functions[attribute] with defaults `operands`
  import_module,  // result = the module named names[attribute]
  import_name,    // result = operand.name, ImportError if it is missing
  update,  // result = operands[0] with the part at paths[attribute] replaced by the last operand (`detail`: operator of
           // an augmented assignment, or none)
  mutate,  // results = operands[0] changed in place by a method or function (mutations[attribute]), and what the call
           // returns
  store_where,  // result = where(operands[0], cast(operands[1]), operands[2]) with the mask of x's shape; `detail`:
                // operator of an augmented assignment, which casts same_kind, or none
  remove,       // result = operands[0] without the item at paths[attribute]
  raise,        // raises ErrorKind `detail` with message operand
  contract,     // result = operands[0], checked against contracts[attribute]
  if_,          // operand; blocks then, else; results: what the block that ran yields
  while_,       // operands: initial values; blocks condition, body, else (parameters of `body` are the carried values)
  for_,         // operands: iterable, initial values; blocks body, else; body's first parameter is the item
  yield,        // leaves the block with these values
  break_,       // leaves the loop with these values, without its else
  continue_,    // next round with these values
  return_,      // leaves the function with this value
  region,  // result = what the body gives: elementwise ops, computed in one pass as regions[attribute] says where their
           // operands allow it, else instruction by instruction
  end_statement,  // a simple statement with several targets is complete: what it rebound stays
  echo,           // a value alone on a line: shown by a REPL (`detail` 1), else only read
};

/// How a call passes its arguments.
struct CallShape {
  std::string name;                   // of the method, else empty
  std::vector<bool> starred;          // one per positional argument
  std::vector<std::string> keywords;  // the last operands, in order
  int positional = 0;
};

/// One subscript `[a, b:c]`: items take one operand, slices three (absent ones allowed).
struct SubscriptShape {
  std::vector<bool> is_slice;
  bool is_tuple = false;
  [[nodiscard]] int operand_count() const;
  /// Whether it is one item, no slice, no tuple.
  [[nodiscard]] bool is_item() const { return !is_tuple && !is_slice[0]; }
};

/// One step from a variable to the part that is written.
struct PathStepShape {
  enum class Kind : std::uint8_t { subscript, attribute, method };
  Kind kind = Kind::subscript;
  SubscriptShape subscript;
  std::string name;  // of an attribute or method
  CallShape call;    // of a method
  Span span;
  [[nodiscard]] int operand_count() const;
};
/// How the row of the lowering table reads that an update was lowered to; the evaluator treats all alike.
enum class UpdateForm : std::uint8_t { update, slice_update, tensor_scatter_nd_update, where };
struct PathShape {
  std::vector<PathStepShape> steps;
  UpdateForm form = UpdateForm::update;
  bool mask = false;  // the one subscript is known to be a mask
  std::string root;   // the variable's name, for messages
  /// Whether it is one subscript …
  [[nodiscard]] bool is_subscript() const {
    return steps.size() == 1 && steps[0].kind == PathStepShape::Kind::subscript;
  }
  /// … of one item.
  [[nodiscard]] bool is_item() const { return is_subscript() && steps[0].subscript.is_item(); }
};
/// `path.name(args)` or `name(path, args)` where that changes what is at `path`.
struct MutationShape {
  PathShape path;
  CallShape call;                // `name` is the method or function; operands after the path's are its other arguments
  bool function = false;         // put(path, …) rather than path.put(…)
  bool shuffling = false;        // rng.shuffle(path, …): rng is the first of the call's operands
  const OpRow* ufunc = nullptr;  // add.at(path, …)
};
/// `a, *b, c = …`: star is the index of the starred target, or -1.
struct UnpackShape {
  int count = 0;
  int star = -1;
};

/// A declared dtype, rank and sizes: `float32[..., n, 3]`.
struct Contract {
  std::string what;  // "argument 'x'" or "result"
  std::string text;  // as declared
  bool any_dtype = false;
  bool has_shape = false;  // `float32` alone says nothing of the shape
  DType dtype{};
  bool leading = false;  // `...` in front
  struct Size {
    std::string name;
    std::int64_t value = -1;
  };
  std::vector<Size> sizes;
};

/// What a region may have.
inline constexpr std::size_t kMaxRegionInputs = 28;
inline constexpr std::size_t kMaxRegionSteps = 24;

/// What a region computes in one pass. The instruction's operands are what it reads from outside, and `body` holds the
/// instructions one by one, for everything else: the ops, in order, and what lies between them.
struct RegionShape {
  enum class Kind : std::uint8_t {
    value,   // a result of its own, or an assignment through a mask that is computed on the way
    chosen,  // `x[m] = f(y[m], …)`: the last step assigns through the mask m; operands are read where m is true
    part,    // `x[a:b] = f(…)`: the result goes to a part of operand `target`, which an input more than there are
             // operands stands for
    packed   // `f(x[m], …)`: compress steps choose from operand `target` and others of its shape
  };
  /// An instruction of the body, or one inside that if it is a region itself.
  struct At {
    std::int32_t place = 0;
    std::int32_t inner = -1;
  };
  Kind kind = Kind::value;
  RegionSteps steps;
  std::vector<At> instructions;  // of each step
  std::vector<At> others;        // everything else that is to run first, which sets registers only
  std::uint64_t chosen = 0;      // of kind chosen: bit i: operand i has the mask's shape
  std::int32_t target = 0;       // of kinds part and packed
};

struct Block;

struct Instruction {
  Opcode code{};
  std::uint8_t detail = 0xff;
  bool undoable = false;  // part of a statement with several targets: keep the old value until end_statement
  std::int32_t attribute = -1;
  Span span;
  std::vector<Place> operands;
  std::vector<Place> results;
  std::uint64_t consumed = 0;  // bit i: operand i is used for the last time
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<std::int32_t>
      drops;                // registers dead after it that it does not consume: results, and what is used inside
  std::int32_t cache = -1;  // inline cache of the call site

  /// Whether operand `at` is used here for the last time. Operands beyond the mask's bits never are.
  [[nodiscard]] bool consumes(std::size_t at) const { return at < 64 && ((consumed >> at) & 1) != 0; }
};

struct Block {
  std::vector<Place> parameters;
  std::vector<Instruction> body;
  std::uint64_t steps =
      0;  // of fuel: its instructions, with those of branches and regions, without the rounds of loops
};

struct Parameter {
  std::string name;
  bool keyword_only = false;
  bool positional_only = false;
  bool star = false;
  int default_index = -1;  // among make_function's operands
  Place place;             // register or cell
};

struct Function {
  std::int32_t number = 0;  // its place among the program's functions
  std::string name;
  std::string doc;
  Span span;
  std::vector<Parameter> parameters;
  Block body;
  int registers = 0;
  int cells = 0;                        // own cells, before the captured ones
  std::vector<std::string> cell_names;  // own, then captured
  std::vector<int> captures;            // which cells of the function around it, in order
  std::vector<Span> reads;              // where it names module variables, for errors
};

/// One compiled source text. functions[0] is its top level.
struct Program {
  SourcePtr source;
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<Value> constants;
  std::vector<std::string> globals;  // names of module variables, and of built-ins that are not ops
  std::vector<std::string> names;
  std::vector<const OpRow*> ops;
  std::vector<CallShape> calls;
  std::vector<SubscriptShape> subscripts;
  std::vector<std::vector<bool>> stars;
  std::vector<UnpackShape> unpacks;
  std::vector<PathShape> paths;
  std::vector<MutationShape> mutations;
  std::vector<Contract> contracts;
  std::vector<RegionShape> regions;
  int caches = 0;
};
using ProgramPtr = std::shared_ptr<const Program>;

/// The program as text: functions, blocks, spans left out. Stable, for golden tests.
std::string print(const Program& program);
std::string_view name(Opcode code);

/// Throws InternalError naming the first rule broken.
void verify(const Program& program);
/// Fills in `consumed` and `drops`.
void mark_last_uses(Program& program);

}  // namespace inlay::ir

// statements.h - bytes as a valid program: each byte chooses one of a few continuations, so that every input means
// something and a small change of the input is a small change of the program.
// Knows nothing of running. Invariant: the same bytes are the same program; the program is at most some 60 statements.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace inlay::fuzz {

class ProgramWriter {
 public:
  explicit ProgramWriter(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// Variables a to d are tensors from the beginning.
  std::string write() {
    std::string out =
        "a = arange(12.0)\nb = arange(12).reshape(3, 4)\nc = ones((3, 4), float32)\nd = arange(5, dtype=uint8)\n";
    for (int count = 0; count < kMostStatements && !bytes_.empty(); ++count) out += statement() + "\n";
    return out;
  }

 private:
  static constexpr int kMostStatements = 60;
  static constexpr int kMostDepth = 3;

  std::uint8_t take() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  template <std::size_t N>
  std::string pick(const std::string_view (&choices)[N]) {
    return std::string(choices[take() % N]);
  }

  std::string variable() { return pick({"a", "b", "c", "d"}); }
  std::string number() {
    return pick({"0", "1", "-1", "2", "3", "0.5", "-2.5", "1e30", "255", "True", "inf", "nan", "2**40"});
  }

  std::string subscript() {
    return pick({"[0]", "[-1]", "[1:]", "[::2]", "[::-1]", "[...]", "[None]", "[[0, 1]]", "[[0, 0, 1]]", "[:, 1]",
                 "[1, ::-1]", "[[True, False, True]]", "[:0]", "[array([], int64)]", "[..., None, 0]", "[[[0], [1]]]"});
  }

  std::string mask(const std::string& name) {
    return "[" + name + pick({" > ", " < ", " == ", " != "}) + number() + "]";
  }

  std::string expression(int depth = 0) {
    const std::uint8_t choice = take() % 10;
    if (depth >= kMostDepth || choice < 3) return choice % 2 == 0 ? variable() : number();
    if (choice == 3) return variable() + subscript();
    if (choice == 4) {
      const std::string name = variable();
      return name + mask(name);
    }
    if (choice < 8)
      return "(" + expression(depth + 1) +
             pick({" + ", " - ", " * ", " / ", " // ", " % ", " < ", " >= ", " & ", " | ", " ^ ", " ** ", " << ",
                   " @ "}) +
             expression(depth + 1) + ")";
    if (choice == 8)
      return pick({"sqrt",    "abs",     "exp",   "sum",       "max",  "argmax", "cumsum", "sort",
                   "argsort", "unique",  "ravel", "transpose", "mean", "isnan",  "sign",   "floor",
                   "nonzero", "float32", "int8",  "any",       "copy", "flip",   "diff",   "atleast_2d"}) +
             "(" + expression(depth + 1) + ")";
    return "where(" + expression(depth + 1) + ", " + expression(depth + 1) + ", " + expression(depth + 1) + ")";
  }

  std::string statement() {
    const std::string name = variable();
    switch (take() % 8) {
      case 0:
      case 1:
        return name + " = " + expression();
      case 2:
        return name + subscript() + " = " + expression();
      case 3:
        return name + mask(name) + pick({" = ", " += ", " *= "}) + expression();
      case 4:
        return name + pick({" += ", " -= ", " *= ", " /= ", " //= ", " &= "}) + expression();
      case 5:
        return name + subscript() + pick({" += ", " -= ", " *= "}) + expression();
      case 6:
        return name + " = " + variable() +
               pick({".T", ".reshape(-1)", ".sum(axis=0)", ".astype(int16)", "[1:]", ".real", ".copy()"});
      default:
        return pick({"add", "maximum", "multiply"}) + ".at(" + name + ", [0, 0], " + expression() + ")";
    }
  }

  std::span<const std::uint8_t> bytes_;
};

}  // namespace inlay::fuzz

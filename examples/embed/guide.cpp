// guide.cpp - what docs/embedding.md shows, as one host: each snippet of the guide stands in here word for word.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include <inlay/inlay.hpp>

namespace {

inlay::Options printing() {
  inlay::Options options;
  options.print = [](std::string_view text) { std::cout << text; };
  return options;
}

void arrays() {
  inlay::Interpreter in;
  // Scripts may read it; an update goes to a copy.
  const std::vector<float> samples = {1, 2, 3};
  in.bind("samples", inlay::view(samples, 3)).value();

  // Scripts may write it: an update happens in this vector, as long as no other variable holds the tensor.
  std::vector<std::uint8_t> image(2 * 3, 200);
  in.bind("image", inlay::writable_view(image, {2, 3})).value();
  in.run("image[image > 150] = 255").value();
  std::cout << int{image[0]} << '\n';

  // The interpreter's from now on, without a copy.
  in.bind("owned", inlay::adopt(std::vector<double>{1, 2, 3}, 3)).value();

  // Every second element, by strides in bytes.
  inlay::ArrayRef pairs = inlay::view(samples.data(), 2);
  pairs.strides = {2 * sizeof(float)};
  in.bind("pairs", pairs).value();
  std::cout << in.eval("pairs")->to_string() << '\n';
}

void functions() {
  inlay::Interpreter in;
  // A name, and anything that can be called.
  in.def("scale", [](double by, inlay::View<double> v) { return by * v[0]; }).value();
  std::cout << in.eval("ones(3) + scale(10, arange(4.0) + 2)")->to_string() << '\n';

  // The rank, and the sizes that are given, are checked before the call.
  in.def("first_row", [](inlay::View<float, inlay::any, 3> x) {
      return std::vector<float>(x.begin(), x.begin() + 3);
    }).value();
  std::cout << in.eval("first_row(ones((2, 4), dtype=float32))").error().message() << '\n';

  // A signature of the language in place of the name: keywords, defaults, sizes that belong together.
  in.def("dot(x: float64[n], y: float64[n], scale=1.0)", [](inlay::View<double> x, inlay::View<double> y,
                                                            double scale) {
      double sum = 0;
      for (std::size_t at = 0; at < x.size(); ++at) sum += x[at] * y[at];
      return scale * sum;
    }).value();
  std::cout << in.eval("dot(arange(3.0), y=ones(3), scale=2)")->to_string() << '\n';

  // What the host throws is an error of the script.
  in.def("open_valve", [](int number) {
      if (number > 4) throw inlay::Exception(inlay::ErrorKind::IndexError, "there are 4 valves");
    }).value();
  std::cout << in.run("open_valve(7)", "plant.inlay").error().render();
}

void errors() {
  inlay::Interpreter in;
  const auto ending = in.run("def f(x):\n    return x + ones(4)\n\ny = f(arange(3))", "job.inlay");
  const inlay::Error& error = ending.error();
  std::cout << static_cast<int>(error.kind()) << ' ' << to_string(error.kind()) << " at " << error.source_name() << ':'
            << error.line() << ':' << error.column() << '\n';
  for (const inlay::ErrorOperand& operand : error.operands())
    std::cout << operand.type << " of rank " << operand.shape.size() << '\n';
  for (const inlay::Call& call : error.calls()) std::cout << "in " << call.function << ", line " << call.line << '\n';
}

void callbacks() {
  inlay::Options options;
  options.print = [](std::string_view text) { std::cout << "script: " << text; };
  options.warn = [](std::string_view text) { std::cout << "warning: " << text << '\n'; };
  options.load_module = [](std::string_view name) -> std::optional<inlay::SourceText> {
    if (name != "units") return std::nullopt;
    return inlay::SourceText{"units.inlay", "inch = 25.4\n"};
  };
  options.arguments = {"job", "--fast"};
  inlay::Interpreter in(options);
  in.run("import units\nprint(2 * units.inch, argv[1])\nx = array([1]) // 0").value();
}

void programs() {
  inlay::Interpreter in;
  const inlay::Program program = in.prepare_function("y = x * gain\ny[y > 1] = 1\ny", {"x", "gain"}, "limiter").value();
  const auto louder = in.call(program, {std::vector<float>{0.25F, 0.5F, 0.75F}, 2});
  std::cout << louder->to_string() << '\n';

  // The same program on four threads at once, each with an interpreter of its own.
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < results.size(); ++at)
    threads.emplace_back([&, at] {
      inlay::Interpreter own;
      results[at] = own.call(program, {std::vector<float>{0.1F, 0.2F}, at}).value().to_string();
    });
  for (std::thread& thread : threads) thread.join();
  std::cout << results[3] << '\n';
}

void files() {
  // A folder of this run's own, with one file in it.
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("inlay_guide_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "in");
  std::filesystem::create_directories(folder / "out");
  std::ofstream(folder / "in" / "table.txt") << "1 2\n3 4\n";
  std::filesystem::current_path(folder);

  inlay::Options options;
  options.read_folders = {"in"};
  options.write_folders = {"out"};
  inlay::Interpreter in(options);
  in.run("table = loadtxt('in/table.txt')\nsave('out/sums.npy', table.sum(axis=1))").value();
  std::cout << in.run("load('out/sums.npy')").error().message() << '\n';

  std::filesystem::current_path(folder.parent_path());
  std::filesystem::remove_all(folder);
}

void values_between() {
  // A worker computes for another interpreter, which works on meanwhile.
  inlay::Interpreter in;
  in.run("table = {'rows': arange(6).reshape(2, 3), 'name': 'first'}").value();
  std::string answer;
  std::thread worker([&answer, lent = in.get("table")->for_any_thread().value()] {
    inlay::Interpreter own;
    own.bind("table", lent).value();
    answer = own.eval("table['rows'].sum(axis=1)")->to_string();
  });
  in.run("table['rows'][0] = 100").value();
  worker.join();
  std::cout << answer << '\n';

  // Functions stay with the variables that they see.
  in.run("gain = 2\ndef louder(x): return x * gain").value();
  std::cout << inlay::Interpreter().bind("louder", in.get("louder").value()).error().message() << '\n';
}

void budgets() {
  inlay::Options options;
  options.limits.fuel = 20000;
  inlay::Interpreter in(options);
  // Each run begins with all its steps; what is alive counts until it is let go of.
  for (int request = 0; request < 3; ++request) in.run("x = arange(5000.0)\ny = x.sum()").value();
  std::cout << in.run("while True: pass").error().message() << '\n';
  std::cout << (in.usage().memory > 5000 * sizeof(double)) << '\n';
}

void forks() {
  inlay::Interpreter in(printing());
  in.run("model = arange(10.0 ** 6)\ndef score(shift):\n    return mean((model - shift) ** 2)\n").value();

  // Four tries on one state, without locks and without copying the model.
  std::vector<inlay::Interpreter> tries;
  for (int at = 0; at < 4; ++at) tries.push_back(in.fork().value());
  std::vector<double> scores(tries.size());
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < tries.size(); ++at)
    threads.emplace_back([&, at] {
      tries[at].bind("shift", 100000.0 * static_cast<double>(at)).value();
      scores[at] = tries[at].eval("score(shift)").value().as<double>().value();
    });
  for (std::thread& thread : threads) thread.join();
  std::cout << (scores[3] < scores[0]) << '\n';

  // A state to go back to.
  const inlay::Snapshot before = in.snapshot().value();
  in.run("model[:] = 0\nextra = 1").value();
  in.restore(before).value();
  in.run("print(model[5])").value();
}

}  // namespace

int main() {
  arrays();
  functions();
  errors();
  callbacks();
  programs();
  files();
  values_between();
  budgets();
  forks();
}

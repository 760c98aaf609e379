// live_filter.cpp - an image filter whose effect is a script that the user edits while it runs.
//
//   live_filter EFFECT.inlay [FRAMES] > last.pgm      reads EFFECT.inlay again whenever it has changed
//   live_filter                                        shows itself: edits a script of its own while it runs
//
// A script sees `image` (float32, 0 to 1) and `t` (seconds), and changes image. One that fails leaves the picture as it
// was, and the filter goes on with the last that worked.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <inlay/inlay.hpp>

namespace {

namespace fs = std::filesystem;

constexpr int kRows = 240, kColumns = 320;

/// An effect in a file, prepared again when the file has changed.
class Effect {
 public:
  Effect(inlay::Interpreter& in, fs::path path) : in_(in), path_(std::move(path)) {}

  /// Draws one frame into what `image` is bound to. A script that is not right is reported once.
  void draw() {
    reload();
    if (!program_) return;
    if (const auto ending = in_.run(*program_); !ending) {
      std::fputs(ending.error().render().c_str(), stderr);
      program_ = std::exchange(working_, std::nullopt);
    }
  }

 private:
  void reload() {
    std::error_code none;
    const auto changed = fs::last_write_time(path_, none);
    if (none || changed == seen_) return;
    seen_ = changed;
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    const auto program = in_.prepare(text.str(), path_.filename().string());
    if (!program) return void(std::fputs(program.error().render().c_str(), stderr));
    working_ = std::exchange(program_, *program);
  }

  inlay::Interpreter& in_;
  fs::path path_;
  fs::file_time_type seen_;
  std::optional<inlay::Program> program_, working_;
};

/// A picture: a disc on a slope.
std::vector<float> source_image() {
  std::vector<float> image(kRows * kColumns);
  for (int row = 0; row < kRows; ++row)
    for (int column = 0; column < kColumns; ++column) {
      const int y = row - kRows / 2, x = column - kColumns / 2;
      const bool is_disc = x * x + y * y < 80 * 80;
      image[static_cast<std::size_t>(row * kColumns + column)] =
          is_disc ? 0.9F : 0.5F * static_cast<float>(column) / static_cast<float>(kColumns);
    }
  return image;
}

void write_pgm(const std::vector<float>& image) {
  std::printf("P5 %d %d 255\n", kColumns, kRows);
  for (const float value : image) std::putchar(static_cast<int>(std::clamp(value, 0.0F, 1.0F) * 255));
}

float mean(const std::vector<float>& image) {
  double sum = 0;
  for (const float value : image) sum += static_cast<double>(value);
  return static_cast<float>(sum / static_cast<double>(image.size()));
}

/// The filter's memory, and an interpreter that draws in it.
struct Filter {
  explicit Filter(const fs::path& path) : effect(in, path) {}

  void frame(double seconds) {
    image = source;
    in.bind("image", inlay::writable_view(image, {kRows, kColumns})).value();
    in.bind("t", seconds).value();
    effect.draw();
  }

  const std::vector<float> source = source_image();
  std::vector<float> image = source;
  inlay::Interpreter in;
  Effect effect;
};

/// Runs a filter and edits its script meanwhile; prints how bright each frame came out.
void show_itself() {
  const fs::path path =
      fs::temp_directory_path() / ("live_filter_" + std::to_string(std::random_device()()) + ".inlay");
  Filter filter(path);
  auto time = fs::file_time_type::clock::now();
  const auto edit = [&](const char* text) {
    std::ofstream(path) << text;
    fs::last_write_time(path, time += std::chrono::seconds(1));
  };
  const auto show = [&](const char* what) {
    filter.frame(0.5);
    std::printf("%-28s %.3f\n", what, static_cast<double>(mean(filter.image)));
  };
  show("no script yet");
  edit("image[image < 0.4] = 0\n");
  show("dark parts black");
  edit("image[:] = 1 - image\n");
  show("edited: inverted");
  edit("image[:] = 1 - \n");
  show("a slip: the last one goes on");
  edit("image[::2] *= t\nimage[1::2, :] = image[:, ::-1][1::2]\n");
  show("repaired: every second row");
  fs::remove(path);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return show_itself(), 0;
  Filter filter(arguments[1]);
  const auto begin = std::chrono::steady_clock::now();
  const int frames = count > 2 ? std::atoi(arguments[2]) : 600;
  for (int frame = 0; frame < frames; ++frame)
    filter.frame(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::fprintf(stderr, "%.0f frames a second\n", frames / seconds);
  write_pgm(filter.image);
}

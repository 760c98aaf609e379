// script_files.h - files as scripts name them, over the file system that the host lends, or the error that it lends
// none. Must not know what is in them. Invariant: a path that may not be written is refused before anything is made for
// it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace inlay {

class FileOutput;
struct OpCall;

/// The whole file that argument `at` names. RuntimeError where the host does not lend it.
std::string read_file(OpCall& call, std::size_t at, std::string_view parameter);

/// The path that argument `at` names, with the extension behind it if it has not got it. RuntimeError where the host
/// lets nothing be written there.
std::string writable_path(OpCall& call, std::size_t at, std::string_view parameter, std::string_view extension = "");

/// Replaces a file whose path writable_path() gave by what `contents` puts into it. RuntimeError, or what `contents`
/// throws, and the old file, where that fails.
void write_file(OpCall& call, const std::string& path, const std::function<void(FileOutput&)>& contents);

}  // namespace inlay

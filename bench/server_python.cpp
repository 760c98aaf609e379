// server_python.cpp - the peer of examples/embed/server.cpp: the same requests, answered by embedded CPython and NumPy.
// Built and run by bench/server.py. Invariant: the script and the messages are those of server.cpp.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdio>
#include <cstdlib>

#include "../examples/embed/loopback.h"

namespace {

constexpr const char* kScript = R"(
import numpy as np
def request(data):
    x = np.frombuffer(data, dtype=np.float32)
    y = x * np.float32(0.5) + np.float32(1)
    y[y < 0] = 0
    return (y / (1 + y.max())).tobytes()
)";

void answer_request(PyObject* function, std::span<const float> request, std::vector<float>& answer) {
  const PyGILState_STATE state = PyGILState_Ensure();
  PyObject* const result = PyObject_CallFunction(function, "y#", reinterpret_cast<const char*>(request.data()),
                                                 Py_ssize_t(request.size_bytes()));
  if (result == nullptr) PyErr_Print(), std::exit(1);
  const auto* const elements = reinterpret_cast<const float*>(PyBytes_AsString(result));
  answer.assign(elements, elements + static_cast<std::size_t>(PyBytes_Size(result)) / sizeof(float));
  Py_DECREF(result);
  PyGILState_Release(state);
}

}  // namespace

int main(int count, char** arguments) {
  const auto argument = [&](int at, int other) { return count > at ? std::atoi(arguments[at]) : other; };
  const int connections = argument(1, 4), requests = argument(2, 100), floats = argument(3, 64);
  Py_Initialize();
  if (PyRun_SimpleString(kScript) != 0) return 1;
  PyObject* const function = PyObject_GetAttrString(PyImport_AddModule("__main__"), "request");
  PyThreadState* const own = PyEval_SaveThread();
  const auto report = loopback::run(connections, requests, floats, [&] {
    return [function](std::span<const float> request, std::vector<float>& answer) {
      answer_request(function, request, answer);
    };
  });
  PyEval_RestoreThread(own);
  std::printf("%d answers, sum %.1f\n", connections * requests, report.checksum);
  std::fprintf(stderr, "%.0f requests a second\n", connections * requests / report.seconds);
}

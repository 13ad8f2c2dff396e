// The filters of the bench with simdjson's on-demand parser, on two threads.
// Usage: simdjson_filter readings|log <output file> <input files…>, or simdjson_filter version
// Built by bench/install-peers.sh: g++ -O3 -march=native -pthread -o … simdjson_filter.cpp -lsimdjson
#include <simdjson.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

using namespace simdjson;

static void appendNumber(std::string &out, double value) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

static void reading(ondemand::object row, std::string &out) {
  double index = row["index"], total = row["total"];
  if (index + total <= 1.95) return;
  out += "{\"index\":";
  appendNumber(out, index);
  out += ",\"total\":";
  appendNumber(out, total);
  out += ",\"sum_val\":";
  appendNumber(out, index + total);
  out += "}\n";
}

static void log(ondemand::object row, std::string &out) {
  std::string_view level, id;
  double latency;
  if (row["level"].get(level) || level != "error") return;
  if (row["request_id"].get(id)) return;
  // A null is no number.
  if (row["latency_ms"].get(latency) || latency <= 100) return;
  out.append(id).push_back('\n');
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "version")) {
    printf("%d.%d.%d\n", SIMDJSON_VERSION_MAJOR, SIMDJSON_VERSION_MINOR, SIMDJSON_VERSION_REVISION);
    return 0;
  }
  auto visit = strcmp(argv[1], "log") ? reading : log;
  std::vector<std::string> outputs(argc);
  std::atomic<int> next{3};
  std::atomic<bool> failed{false};
  auto work = [&] {
    ondemand::parser parser;
    for (int i; (i = next++) < argc;) {
      padded_string json;
      ondemand::document_stream rows;
      if (padded_string::load(argv[i]).get(json) || parser.iterate_many(json, 1 << 20).get(rows)) { failed = true; return; }
      for (auto row : rows) visit(row.get_object(), outputs[i]);
    }
  };
  std::thread other(work);
  work();
  other.join();
  FILE *file = failed ? nullptr : fopen(argv[2], "w");
  if (!file) return 1;
  for (auto &output : outputs) fwrite(output.data(), 1, output.size(), file);
  return fclose(file);
}

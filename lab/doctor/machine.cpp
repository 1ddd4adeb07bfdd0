// See diagnosis.h: what the machine has to do with it.
#include <fmt/format.h>

#include "lab/doctor/diagnosis.h"
#include "lab/environment.h"
#include "lab/process/process_memory.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kHugePages[] = "huge pages";
constexpr char kControlGroup[] = "control group";

std::string blocks_words(const std::string& setting) {
  if (setting == "off") return "tamari keeps its blocks out of them (thp=off)";
  if (setting.empty()) return "tamari keeps its blocks out of them unless thp says otherwise";
  return fmt::format("tamari's blocks get them too (thp={})", setting);
}

std::string limit_words(const GroupLimits& limits) {
  if (!limits.readable) return "its limits cannot be read";
  return fmt::format("memory.max {}, cpu.max {}",
                     limits.memory_bytes ? bytes_words(*limits.memory_bytes) : "max",
                     limits.cpus ? fmt::format("{:.2f} CPUs", *limits.cpus) : "max");
}

}  // namespace

void judge_huge_pages(Diagnosis& diagnosis) {
  const std::string& chosen = diagnosis.huge_pages;
  const auto thp = diagnosis.values.find("thp");
  const std::string setting = thp == diagnosis.values.end() ? "" : thp->second;
  if (chosen.find("[always]") != std::string::npos) {
    diagnosis.warn(kHugePages,
                   fmt::format("{}: the kernel backs any large mapping with 2 MiB at once, so "
                               "resident memory can be more than what is used; {}. "
                               "madvise in /sys/kernel/mm/transparent_hugepage/enabled leaves it "
                               "to programs",
                               chosen, blocks_words(setting)));
  } else if (chosen.find("[never]") != std::string::npos && setting == "on") {
    diagnosis.warn(kHugePages, chosen + ": thp=on has no effect");
  } else {
    diagnosis.ok(kHugePages, chosen.empty() ? "the kernel does not say" : chosen);
  }
}

void examine_machine(const std::string& process, Diagnosis& diagnosis) {
  const Machine machine = describe_machine();
  diagnosis.kernel = machine.kernel;
  diagnosis.os_page_bytes = os_page_bytes();
  diagnosis.huge_pages = machine.huge_pages;
  diagnosis.limits = limits_of_process(process);
  diagnosis.ok("kernel", fmt::format("{}, OS pages of {}", diagnosis.kernel,
                                     bytes_words(diagnosis.os_page_bytes)));
  judge_huge_pages(diagnosis);
  diagnosis.ok(kControlGroup, limit_words(diagnosis.limits));
}

}  // namespace tamari::lab

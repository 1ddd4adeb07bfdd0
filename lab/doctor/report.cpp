// See diagnosis.h: the two forms.
#include <fmt/format.h>

#include "lab/doctor/diagnosis.h"
#include "lab/json_parts.h"

namespace tamari::lab {
namespace {

constexpr char kSchema[] = "tamari.doctor/1";

const char* name_of(Health health) {
  constexpr const char* kNames[] = {"ok", "warn", "fail"};
  return kNames[static_cast<int>(health)];
}

Json findings_json(const Diagnosis& diagnosis) {
  Json findings = Json::array();
  for (const Finding& finding : diagnosis.findings) {
    findings.push_back({{"health", name_of(finding.health)},
                        {"subject", finding.subject},
                        {"words", finding.words}});
  }
  return findings;
}

Json settings_json(const Diagnosis& diagnosis) {
  Json settings = Json::array();
  for (const Setting& setting : diagnosis.settings) {
    settings.push_back(
        {{"name", setting.name}, {"value", setting.value}, {"origin", setting.origin}});
  }
  return settings;
}

Json machine_json(const Diagnosis& diagnosis) {
  const GroupLimits& limits = diagnosis.limits;
  return {{"kernel", diagnosis.kernel},
          {"os_page_bytes", diagnosis.os_page_bytes},
          {"transparent_huge_pages", or_null(diagnosis.huge_pages)},
          {"memory_max_bytes", limits.memory_bytes ? Json(*limits.memory_bytes) : Json()},
          {"cpu_max", or_null(limits.cpus)}};
}

}  // namespace

std::string diagnosis_as_text(const Diagnosis& diagnosis) {
  std::string text;
  for (const Finding& finding : diagnosis.findings) {
    text +=
        fmt::format("{:>4}  {:<13}  {}\n", name_of(finding.health), finding.subject, finding.words);
  }
  return text + fmt::format("\n{} fail, {} warn; exit status {}\n", diagnosis.count(Health::kFail),
                            diagnosis.count(Health::kWarn), diagnosis.status());
}

std::string diagnosis_as_json(const Diagnosis& diagnosis) {
  const Json json = {{"schema", kSchema},
                     {"status", diagnosis.status()},
                     {"findings", findings_json(diagnosis)},
                     {"library",
                      {{"path", or_null(diagnosis.library)},
                       {"version", or_null(diagnosis.version)},
                       {"build_id", or_null(diagnosis.build_id)},
                       {"owners", Json(diagnosis.owners)}}},
                     {"settings", settings_json(diagnosis)},
                     {"machine", machine_json(diagnosis)}};
  return json.dump(kJsonIndent) + "\n";
}

}  // namespace tamari::lab

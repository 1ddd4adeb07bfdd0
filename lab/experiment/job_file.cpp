// See job_file.h. Every command may be given twice: a shard goes on from where it was stopped.
#include "lab/experiment/job_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// `number`: how the scheduler's shell writes K.
std::string shard_command(const JobRequest& request, const std::string& number) {
  std::string command =
      fmt::format("{} sweep {}", shell_quote(request.program), shell_quote(request.file));
  if (!request.library.empty()) command += " --lib " + shell_quote(request.library);
  return command + fmt::format(" --shard {}/{} --out {}/shard-{}", number, request.shards,
                               shell_quote(request.folder), number);
}

std::string result_folder(const JobRequest& request) {
  return shell_quote(request.folder) + "/result";
}

bool has_winners_stage(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(),
                     [](const Stage& stage) { return stage.winners_only; });
}

// A stage for winners is begun when the others are joined, and on one machine.
std::string merge_command(const JobRequest& request, const Plan& plan) {
  std::string command = fmt::format("{} sweep --merge", shell_quote(request.program));
  for (std::size_t k = 1; k <= request.shards; ++k) {
    command += fmt::format(" {}/shard-{}", shell_quote(request.folder), k);
  }
  command += " --out " + result_folder(request);
  if (!has_winners_stage(plan)) return command;
  return command + fmt::format("; {} sweep --resume {}", shell_quote(request.program),
                               result_folder(request));
}

// What every scheduler takes for a name.
std::string job_name(const Plan& plan) {
  std::string name;
  for (const char c : plan.name) {
    const auto letter = static_cast<unsigned char>(c);
    name += std::isalnum(letter) ? static_cast<char>(std::tolower(letter)) : '-';
  }
  const std::size_t first = name.find_first_not_of('-');
  const std::size_t last = name.find_last_not_of('-');
  constexpr std::size_t kLongest = 50;
  if (first == std::string::npos) return "sweep";
  return name.substr(first, std::min(last - first + 1, kLongest));
}

std::string slurm_file(const JobRequest& request, const Plan& plan) {
  return fmt::format(R"(#!/bin/bash
# {name} as {n} shards, each on a machine of its own, and the job that joins them. Give this file
# to bash, followed by any options for sbatch: bash THIS_FILE --partition=quiet --time=04:00:00
set -euo pipefail
mkdir -p {folder}
shards=$(sbatch --parsable --job-name={name} --array=1-{n} --exclusive --requeue \
  --chdir={start} --output={folder}/shard-%a.log --open-mode=append "$@" <<'JOB'
#!/bin/bash
exec {shard}
JOB
)
sbatch --job-name={name}-result --dependency="afterok:${{shards%%;*}}" --kill-on-invalid-dep=yes \
  --exclusive --chdir={start} --output={folder}/result.log "$@" <<'JOB'
#!/bin/bash
{merge}
JOB
)",
                     fmt::arg("name", job_name(plan)), fmt::arg("n", request.shards),
                     fmt::arg("folder", shell_quote(request.folder)),
                     fmt::arg("start", shell_quote(request.start)),
                     fmt::arg("shard", shard_command(request, "\"$SLURM_ARRAY_TASK_ID\"")),
                     fmt::arg("merge", merge_command(request, plan)));
}

std::string parallel_file(const JobRequest& request, const Plan& plan) {
  std::string text = fmt::format(
      "# One shard a line, one at a time on each machine of the list (a name a line; ':' is this "
      "one):\n"
      "#   parallel --jobs 1 --sshloginfile MACHINES < THIS_FILE && {{ {}; }}\n",
      merge_command(request, plan));
  for (std::size_t k = 1; k <= request.shards; ++k) {
    text += fmt::format("cd {} && {}\n", shell_quote(request.start),
                        shard_command(request, std::to_string(k)));
  }
  return text;
}

// A JSON string is a YAML string.
std::string yaml_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string kubernetes_job(const JobRequest& request, const std::string& name,
                           const std::string& job_fields, const std::string& pod_fields,
                           const std::string& command) {
  return fmt::format(R"(apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
{job_fields}  template:
    metadata:
      labels:
        sweep: {name}
    spec:
      restartPolicy: Never
{pod_fields}      containers:
        - name: tamari
          image: IMAGE
          workingDir: {start}
          command: ["/bin/sh", "-c", {command}]
          volumeMounts:
            - name: shared
              mountPath: MOUNT
      volumes:
        - name: shared
          persistentVolumeClaim:
            claimName: CLAIM
)",
                     fmt::arg("name", name), fmt::arg("job_fields", job_fields),
                     fmt::arg("pod_fields", pod_fields), fmt::arg("command", yaml_string(command)),
                     fmt::arg("start", yaml_string(request.start)));
}

std::string kubernetes_file(const JobRequest& request, const Plan& plan) {
  const std::string name = job_name(plan);
  const std::string apart = fmt::format(R"(      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              labelSelector:
                matchLabels:
                  sweep: {}
)",
                                        name);
  const std::string number = "$((JOB_COMPLETION_INDEX + 1))";
  return fmt::format(
             R"(# {0} as {1} shards, no two of them on one machine, and the job that joins them. Fill in IMAGE (with
# tamari and the files of the experiment in it), CLAIM (a volume that many machines can write) and
# MOUNT (which holds {2}). Then:
#   kubectl apply -f THIS_FILE
#   kubectl wait --for=condition=complete --timeout=-1s job/{0}
#   kubectl patch job/{0}-result --patch '{{"spec":{{"suspend":false}}}}'
)",
             name, request.shards, request.folder) +
         kubernetes_job(request, name,
                        fmt::format("  completionMode: Indexed\n  completions: {0}\n"
                                    "  parallelism: {0}\n  backoffLimit: 6\n",
                                    request.shards),
                        apart, "exec " + shard_command(request, number)) +
         "---\n" +
         kubernetes_job(request, name + "-result", "  suspend: true\n  backoffLimit: 0\n", "",
                        merge_command(request, plan));
}

}  // namespace

std::string job_file(const std::string& scheduler, const JobRequest& request, const Plan& plan) {
  if (scheduler == "slurm") return slurm_file(request, plan);
  if (scheduler == "parallel") return parallel_file(request, plan);
  if (scheduler == "k8s") return kubernetes_file(request, plan);
  throw CommandError(kHarness,
                     fmt::format("--emit {}: there are slurm, parallel and k8s{}", scheduler,
                                 suggestion(scheduler, {"slurm", "parallel", "k8s"})));
}

}  // namespace tamari::lab

# A Slurm of one node on the loopback, in a folder of its own, under whatever user runs it: munged,
# slurmctld and slurmd without systemd, cgroups or a database. Sourced by scheduler_test.sh.

# Two ports that nobody listens on.
free_ports() {
  python3 -c 'import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))'
}

write_slurm_conf() {
  local folder=$1 host user ports
  host=$(hostname -s)
  user=$(id -un)
  read -ra ports < <(free_ports)
  cat >"$folder/slurm.conf" <<CONF
ClusterName=tamari
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

# Waits up to $1 seconds until the rest, a command, succeeds.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.2
  done
}

# Is the process that wrote its id into the file alive?
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")"; }

start_slurm() {
  local folder=$1
  mkdir -p "$folder/state" "$folder/spool"
  chmod 755 "$folder"
  dd if=/dev/urandom of="$folder/munge.key" bs=128 count=1 status=none
  chmod 600 "$folder/munge.key"
  write_slurm_conf "$folder"
  export SLURM_CONF=$folder/slurm.conf
  /usr/sbin/munged --force --socket="$folder/munge.socket" --key-file="$folder/munge.key" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/munge.seed" 2>"$folder/munged.err"
  /usr/sbin/slurmctld -c
  wait_until 20 scontrol ping
  /usr/sbin/slurmd
  wait_until 20 node_is_idle
}

node_is_idle() { [ "$(sinfo --noheader --format=%t)" = idle ]; }

# Stops what start_slurm started, the jobs first.
stop_slurm() {
  local folder=$1 daemon
  timeout 10 scancel --user="$(id -un)" 2>/dev/null || true
  for daemon in slurmd slurmctld munged; do
    if ! alive "$folder/$daemon.pid"; then continue; fi
    kill "$(cat "$folder/$daemon.pid")" || true
    wait_until 10 not_alive "$folder/$daemon.pid" || kill -KILL "$(cat "$folder/$daemon.pid")"
  done
}

not_alive() { ! alive "$1"; }

package program

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/list"
)

// flags are the flags of the command.
type flags struct {
	list string // the operand

	address    string
	namespace  string
	taskQueue  string
	id         string
	identity   string
	dir        string
	poll       time.Duration
	limit      int
	perProject int
	failures   int

	demo   bool
	worker bool
	start  bool
	pause  bool
	resume bool
	cancel bool
	json   bool
	stdin  bool
}

const usageText = `Usage: restore-fleet [flags] LIST

Restores the clusters of LIST, a file in YAML or JSON, on Temporal.

  restore-fleet -demo                              shows a fleet, with nothing but this program
  restore-fleet -dir /backups fleet.yaml           on the embedded Temporal server
  restore-fleet -address HOST:7233 fleet.yaml      on a real one
  restore-fleet -address HOST:7233 -worker -dir …  only a worker, until it is interrupted
  restore-fleet -address HOST:7233 -start fleet.yaml
                                                   only the start and the progress

The credentials of the MongoDB service are those of the environment, as MongoDB's tools name them. So are
those of Temporal: TEMPORAL_API_KEY, TEMPORAL_TLS, TEMPORAL_TLS_SERVER_NAME, TEMPORAL_TLS_SERVER_CA_CERT_PATH,
TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, as in its command line.

`

const exitText = `
Exit codes: 0 all restores are done, 1 some are not, 2 bad usage, a wrong list or a fleet that
was refused, 3 interrupted
`

// readFlags reads the arguments. If help is requested, it prints the usage and returns [flag.ErrHelp].
func readFlags(args []string, out io.Writer) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("restore-fleet", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.address, "address", "", "`host:port` of a real Temporal; TEMPORAL_ADDRESS is the same")
	set.StringVar(&f.namespace, "namespace", "", "its `namespace`; TEMPORAL_NAMESPACE is the same (default \"default\")")
	set.StringVar(&f.taskQueue, "task-queue", "restore-fleet", "`name` of the task queue")
	set.StringVar(&f.id, "id", "", "`id` of the workflow of the fleet (default: restore-fleet- and the name of LIST)")
	set.StringVar(&f.identity, "identity", "", "`name` of the worker in Temporal (default: its process and host)")
	set.StringVar(&f.dir, "dir", "", "`folder` of all downloads, for the worker")
	set.DurationVar(&f.poll, "poll", 0, "`duration` between two polls, for the worker (default 10s, then longer)")
	set.IntVar(&f.limit, "limit", 0, "`number` of restores that run at a time (default: that of LIST, or 20; -1: all)")
	set.IntVar(&f.perProject, "per-project", 0, "`number` that run at a time in one project (default: that of LIST, or 5; -1: all)")
	set.IntVar(&f.failures, "failures", 0, "`number` that may fail before no more are started (default: that of LIST, or a tenth; -1: all)")
	set.BoolVar(&f.demo, "demo", false, "show a fleet of 20 restores against a test server")
	set.BoolVar(&f.worker, "worker", false, "run only a worker")
	set.BoolVar(&f.stdin, "stdin", false, "end the worker when standard input ends")
	set.BoolVar(&f.start, "start", false, "run no worker")
	set.BoolVar(&f.pause, "pause", false, "let the fleet start no more restores, and exit")
	set.BoolVar(&f.resume, "resume", false, "end -pause, and exit")
	set.BoolVar(&f.cancel, "cancel", false, "cancel the fleet, and exit; jobs that were created continue")
	set.BoolVar(&f.json, "json", false, "print the result as JSON, and the progress to standard error")
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		set.SetOutput(out)
		fmt.Fprint(out, usageText)
		set.PrintDefaults()
		fmt.Fprint(out, exitText)
		return nil, err
	case err != nil:
		return nil, usage(err.Error())
	}
	return f, f.check(set)
}

// check refuses flags that contradict each other.
func (f *flags) check(set *flag.FlagSet) error {
	modes := 0
	for _, isSet := range []bool{f.demo, f.worker, f.start, f.pause, f.resume, f.cancel} {
		if isSet {
			modes++
		}
	}
	needsList := !f.demo && !f.worker && !f.isControl()
	switch {
	case modes > 1:
		return usage("only one of -demo, -worker, -start, -pause, -resume and -cancel may be given")
	case f.demo && set.NFlag() > 1:
		return usage("-demo has no other flags")
	case needsList && set.NArg() == 0:
		return usage("the list is missing")
	case (f.demo || f.worker) && set.NArg() > 0:
		return usage(fmt.Sprintf("unexpected argument %q", set.Arg(0)))
	case set.NArg() > 1:
		return usage(fmt.Sprintf("unexpected argument %q: flags come before the list", set.Arg(1)))
	case f.isControl() && f.id == "" && set.NArg() == 0:
		return usage("-id or the list is missing")
	case f.poll < 0:
		return usage("-poll must not be negative")
	case f.taskQueue == "":
		return usage("-task-queue must not be empty")
	}
	f.list = set.Arg(0)
	if f.id == "" && f.list != "" {
		base := filepath.Base(f.list)
		f.id = "restore-fleet-" + strings.TrimSuffix(base, filepath.Ext(base))
	}
	return nil
}

// isControl reports whether the command controls a fleet that runs.
func (f *flags) isControl() bool { return f.pause || f.resume || f.cancel }

// runsWorker reports whether this process performs the steps of the restores.
func (f *flags) runsWorker() bool { return !f.start && !f.isControl() }

// isPartial reports whether the command is a part of a fleet, which needs a Temporal that outlives it.
func (f *flags) isPartial() bool { return f.worker || f.start || f.isControl() }

// checkDownloads refuses a download that the worker of this process has no folder for.
func (f *flags) checkDownloads(request *restoretemporal.FleetRequest) error {
	if f.dir != "" || !f.runsWorker() {
		return nil
	}
	for i := range request.Restores {
		if named := &request.Restores[i]; named.Plan.To == nil {
			return usage(fmt.Sprintf("restore %q is a download: set -dir", named.Name))
		}
	}
	return nil
}

// readList reads the list. It is empty for a command that needs none.
func (f *flags) readList() (restoretemporal.FleetRequest, error) {
	if f.worker || f.isControl() {
		return restoretemporal.FleetRequest{}, nil
	}
	data, err := os.ReadFile(f.list)
	if err != nil {
		return restoretemporal.FleetRequest{}, usage(err.Error())
	}
	request, err := list.Read(f.list, data)
	if err != nil {
		return request, err
	}
	setIf(&request.MaxRunning, f.limit)
	setIf(&request.MaxRunningPerProject, f.perProject)
	setIf(&request.FailureBudget, f.failures)
	return request, nil
}

func setIf(field *int, value int) {
	if value != 0 {
		*field = value
	}
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"example.com/restorejobs/examples/internal/harness"
)

// pendingRun is an earlier run whose outcome is unknown.
type pendingRun struct {
	since     time.Time // time before its create; zero without such a run
	stateFile string    // file for the next run; may be empty
}

func (p *pendingRun) flags(flags *harness.Flags) {
	flags.Func("since", "search for a restore that was started since this `time` before creating, such as 2026-08-10T03:35:05Z", func(text string) error {
		since, err := time.Parse(time.RFC3339, text)
		if err == nil && since.After(time.Now()) {
			return errors.New("must not be in the future")
		}
		p.since = since
		return err
	})
	flags.StringVar(&p.stateFile, "note", "", "`file` with the time while the outcome is unknown; if it exists, as -since")
}

// open reads the state file of an earlier run, or writes one for the next run.
func (p *pendingRun) open() error {
	if p.stateFile == "" {
		return nil
	}
	file, err := os.OpenFile(p.stateFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return p.read()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, time.Now().UTC().Format(time.RFC3339))
	return errors.Join(err, file.Sync(), file.Close())
}

func (p *pendingRun) read() error {
	text, err := os.ReadFile(p.stateFile)
	if err != nil {
		return err
	}
	if p.since, err = time.Parse(time.RFC3339, strings.TrimSpace(string(text))); err != nil {
		return fmt.Errorf("%s has no time; list the jobs, then remove it: %w", p.stateFile, err)
	}
	return nil
}

// close removes the state file, because the outcome is known.
func (p *pendingRun) close() error {
	if p.stateFile == "" {
		return nil
	}
	return os.Remove(p.stateFile)
}

// resumeArgs returns the flags with which the next run searches first.
func (p *pendingRun) resumeArgs(began time.Time) []string {
	switch {
	case p.stateFile != "":
		return []string{"-note", p.stateFile}
	case !p.since.IsZero():
		return harness.SinceFlag(p.since)
	default:
		return harness.SinceFlag(began)
	}
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"example.com/restorejobs/examples/internal/target"
)

// earlier is what is known of an earlier run whose outcome is not.
type earlier struct {
	since time.Time // before it created; zero if there was none
	note  string    // the file that tells the next run; "" for none
}

func (e *earlier) flags(flags *target.Flags) {
	flags.Func("since", "look for what was started since this `time` before creating, such as 2026-08-10T03:35:05Z", func(text string) error {
		since, err := time.Parse(time.RFC3339, text)
		if err == nil && since.After(time.Now()) {
			return errors.New("must not be in the future")
		}
		e.since = since
		return err
	})
	flags.StringVar(&e.note, "note", "", "`file` that holds the time while it is open what was started; if it is there, as -since")
}

// open reads the note of an earlier run, or else writes one for the next.
func (e *earlier) open() error {
	if e.note == "" {
		return nil
	}
	file, err := os.OpenFile(e.note, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return e.read()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, time.Now().UTC().Format(time.RFC3339))
	return errors.Join(err, file.Sync(), file.Close())
}

func (e *earlier) read() error {
	text, err := os.ReadFile(e.note)
	if err != nil {
		return err
	}
	if e.since, err = time.Parse(time.RFC3339, strings.TrimSpace(string(text))); err != nil {
		return fmt.Errorf("%s tells no time; see what was started, then remove it: %w", e.note, err)
	}
	return nil
}

// close removes the note: what was started is known.
func (e *earlier) close() error {
	if e.note == "" {
		return nil
	}
	return os.Remove(e.note)
}

// words are the flags with which the next run looks first.
func (e *earlier) words(began time.Time) []string {
	switch {
	case e.note != "":
		return []string{"-note", e.note}
	case !e.since.IsZero():
		return target.Since(e.since)
	default:
		return target.Since(began)
	}
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

type settings struct {
	quick, growth, results bool
	only, heap             string
	json, compare, profile string
	folder, name           string
}

func parseSettings(args []string, stderr io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&s.quick, "quick", false, "measure less, in under a minute")
	flags.BoolVar(&s.growth, "growth", false, "measure only how cost grows with jobs, bytes and callers")
	flags.BoolVar(&s.results, "results", false, "measure everything, and write RESULTS.md, GROWTH.md, the pictures and the page of this machine")
	flags.StringVar(&s.only, "only", "", "measure only the works and downloads with this in a title")
	flags.StringVar(&s.json, "json", "", "write the measurements to this `file`")
	flags.StringVar(&s.compare, "compare", "", "show what has changed since the measurements in this `file`")
	flags.StringVar(&s.profile, "profile", "", "only write processor profiles of ours to this `folder`, and print the top five functions of each")
	flags.StringVar(&s.folder, "to", home(), "the `folder` of the pages")
	flags.StringVar(&s.name, "name", "", "the name of the page of this machine; by default its processor and cores")
	flags.StringVar(&s.heap, "heap", "", "measure one heap; used internally")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q: every setting is a flag", flags.Arg(0))
	}
	return s, s.check()
}

// check refuses settings that exclude each other, and files that cannot be written after the measurements.
func (s *settings) check() error {
	isPart := s.quick || s.growth || s.only != ""
	isMore := s.results || s.json != "" || s.compare != ""
	switch {
	case s.results && isPart:
		return errors.New("-results measures everything: it excludes -quick, -growth and -only")
	case s.growth && s.only != "":
		return errors.New("-only selects works and downloads: it excludes -growth")
	case s.profile != "" && (isMore || s.growth || s.only != ""):
		return errors.New("-profile writes profiles only: it excludes all other settings except -quick")
	case s.name != "" && !s.results:
		return errors.New("-name is the name of a page, which only -results writes")
	case s.name != filepath.Base(s.name) && s.name != "":
		return errors.New("-name must be a file name without a folder")
	}
	for _, place := range []struct{ name, folder string }{{"json", filepath.Dir(s.json)}, {"to", s.folder}} {
		if info, err := os.Stat(place.folder); err != nil || !info.IsDir() {
			return fmt.Errorf("-%s: the folder %s does not exist", place.name, place.folder)
		}
	}
	return nil
}

// home returns the folder of this program, if that or its parent is the working directory.
func home() string {
	if info, err := os.Stat("bench"); err == nil && info.IsDir() {
		return "bench"
	}
	return "."
}

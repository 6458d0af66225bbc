package main

import (
	"io"
	"strings"
	"testing"
)

func TestSettings_refused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"-results -quick", "-results measures everything"},
		{"-results -only Get", "-results measures everything"},
		{"-growth -only Get", "it excludes -growth"},
		{"-profile p -json x.json", "it excludes all other settings"},
		{"-profile p -growth", "it excludes all other settings"},
		{"-name x", "only -results writes"},
		{"-results -name a/b", "without a folder"},
		{"quick", `unexpected argument "quick"`},
		{"-json no/such/x.json", "-json: the folder no/such does not exist"},
		{"-to no/such", "-to: the folder no/such does not exist"},
	} {
		_, err := parseSettings(strings.Fields(c.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestSettings_accepted(t *testing.T) {
	t.Parallel()
	s, err := parseSettings([]string{"-quick", "-only", "Get", "-json", "x.json"}, io.Discard)
	if err != nil || !s.quick || s.only != "Get" || s.json != "x.json" {
		t.Error(s, err)
	}
	for _, args := range []string{"", "-results -name x", "-profile p -quick", "-growth -quick"} {
		if _, err := parseSettings(strings.Fields(args), io.Discard); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestStart_help(t *testing.T) {
	t.Parallel()
	var usage strings.Builder
	if err := start([]string{"-h"}, io.Discard, &usage); err != nil || !strings.Contains(usage.String(), "-profile") {
		t.Error(err, usage.String())
	}
}

// A title that nothing has is an error instead of an empty page.
func TestSettings_onlyWithoutMatch(t *testing.T) {
	t.Parallel()
	err := start([]string{"-only", "no such title"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"no such title"`) {
		t.Error(err)
	}
}

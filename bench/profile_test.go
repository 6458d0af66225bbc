package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestProfile_eachWork(t *testing.T) { //nolint:paralleltest // a process has one profile at a time
	folder := filepath.Join(t.TempDir(), "new")
	p := profiler{
		folder:   folder,
		duration: 100 * time.Millisecond,
		archive:  1 << 20,
		jobs:     1200,
	}
	var text bytes.Buffer
	if err := p.run(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"get", "page", "stream", "download", "wait"} {
		info, err := os.Stat(filepath.Join(folder, name+".pprof"))
		if err != nil || info.Size() == 0 {
			t.Error(name, err)
		}
		if !strings.Contains(text.String(), "## "+name+": ") {
			t.Errorf("the text lacks %q", name)
		}
	}
	if got := strings.Count(text.String(), "flat%"); got != 5 {
		t.Errorf("%d tables:\n%s", got, text.String())
	}
}

func TestTopOf_onlyTheTable(t *testing.T) {
	t.Parallel()
	const table = "      flat  flat%   sum%        cum   cum%\n     0.32s 27.12% 27.12%      0.32s 27.12%  runtime.memmove\n"
	got := topOf("File: bench\nType: cpu\nShowing top 5 nodes out of 120\n" + table)
	if got != table {
		t.Errorf("%q", got)
	}
	if got := topOf("no samples"); got != "no samples\n" {
		t.Errorf("%q", got)
	}
}

package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The versions in peers.txt are those of go.mod.
func TestPeers_versionsOfGoMod(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parsePeers(peersText) {
		required := strings.Contains(string(text), "\t"+p.Module+" "+p.Version+"\n")
		if required != (p.Refused == "") {
			t.Errorf("%s %s: in go.mod %t, refused %q", p.Module, p.Version, required, p.Refused)
		}
	}
}

// A build with an overlay has other versions than peers.txt.
func TestBuiltPeers_versionsOfTheBuild(t *testing.T) {
	t.Parallel()
	listed := []peer{
		{Module: "go.mongodb.org/atlas", Version: "v1"},
		{Module: "go.mongodb.org/sdk/v1", Version: "v1"},
		{Module: "go.mongodb.org/sdk/v2", Version: "v2", Refused: "403"},
		{Module: "go.mongodb.org/sdk/v3", Version: "v3", Refused: "403"},
	}
	got := peerRows(builtPeers(listed, map[string]string{
		"go.mongodb.org/atlas":  "v1",
		"go.mongodb.org/sdk/v3": "(devel)",
		"go.mongodb.org/sdk/v4": "(devel)",
		"example.com/other":     "v1",
	}))
	want := [][]string{
		{"go.mongodb.org/atlas", "v1", "compared"},
		{"go.mongodb.org/sdk/v1", "v1", "not compared: this build has another one"},
		{"go.mongodb.org/sdk/v2", "v2", "not compared: 403"},
		{"go.mongodb.org/sdk/v3", "(devel)", "compared"},
		{"go.mongodb.org/sdk/v4", "(devel)", "compared"},
	}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("%q", got)
	}
}

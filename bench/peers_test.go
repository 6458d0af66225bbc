package main

import (
	"os"
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
	if rows := peerRows([]peer{{Module: "m", Version: "v1", Refused: "403"}}); !strings.Contains(rows[0][2], "refused it, 403") {
		t.Error(rows)
	}
}

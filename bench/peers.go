package main

import (
	_ "embed"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
)

//go:embed peers.txt
var peersText string

// peer is a module that is compared, or that could not be had.
type peer struct {
	Module  string `json:"module"`
	Version string `json:"version"`
	Refused string `json:"refused,omitempty"` // why it is not compared
}

// parsePeers reads the lines of peers.txt.
func parsePeers(text string) []peer {
	var peers []peer
	for line := range strings.Lines(text) {
		entry, refused, _ := strings.Cut(line, "#")
		module, version, ok := strings.Cut(strings.TrimSpace(entry), " ")
		if !ok {
			continue
		}
		peers = append(peers, peer{
			Module:  module,
			Version: strings.TrimSpace(version),
			Refused: strings.TrimSpace(refused),
		})
	}
	return peers
}

// builtPeers are the peers with the versions of this build, which an overlay can change.
func builtPeers(peers []peer, built map[string]string) []peer {
	var all []peer
	for _, p := range peers {
		version, isBuilt := built[p.Module]
		switch {
		case isBuilt:
			p.Version = version
			p.Refused = ""
		case p.Refused == "":
			p.Refused = "this build has another one"
		}
		delete(built, p.Module)
		all = append(all, p)
	}
	for _, module := range slices.Sorted(maps.Keys(built)) {
		if strings.HasPrefix(module, "go.mongodb.org/") {
			all = append(all, peer{Module: module, Version: built[module]})
		}
	}
	return all
}

// buildVersions are the modules of this program.
func buildVersions() map[string]string {
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	return versions
}

// peerRows are the table of the modules.
func peerRows(peers []peer) [][]string {
	var rows [][]string
	for _, p := range peers {
		state := "compared"
		if p.Refused != "" {
			state = "not compared: " + p.Refused
		}
		rows = append(rows, []string{p.Module, p.Version, state})
	}
	return rows
}

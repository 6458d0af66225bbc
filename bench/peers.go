package main

import (
	_ "embed"
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

// peerRows are the table of the modules.
func peerRows(peers []peer) [][]string {
	var rows [][]string
	for _, p := range peers {
		state := "compared"
		if p.Refused != "" {
			state = "not compared: the module proxy refused it, " + p.Refused
		}
		rows = append(rows, []string{p.Module, p.Version, state})
	}
	return rows
}

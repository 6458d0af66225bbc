package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

// entry is a cluster in a list of Atlas, Cloud Manager or Ops Manager.
type entry struct {
	ID          string `json:"id"`
	Name        string `json:"name"`        // Atlas
	ClusterName string `json:"clusterName"` // the others
	ClusterType string `json:"clusterType"` // Atlas
	TypeName    string `json:"typeName"`    // the others
	ShardName   string `json:"shardName"`   // of a part of a sharded cluster
}

// printClusters prints a cluster a line, with its reference for the other programs.
func printClusters(ctx context.Context, client *restorejobs.Client, product, projectID string, out io.Writer) error {
	group := "/groups/" + url.PathEscape(projectID)
	if product != "atlasv2" {
		entries, err := readAll(ctx, client, "/api/public/v1.0"+group+"/clusters")
		for _, e := range entries {
			isPart := e.ShardName != "" || e.TypeName == "CONFIG_SERVER_REPLICA_SET"
			if !isPart {
				printEntry(out, e, product+group+"/clusters/"+url.PathEscape(e.ID))
			}
		}
		return err
	}
	for _, collection := range []string{"/clusters", "/flexClusters"} {
		entries, err := readAll(ctx, client, "/api/atlas/v2"+group+collection)
		for _, e := range entries {
			printEntry(out, e, product+group+collection+"/"+url.PathEscape(e.Name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func printEntry(out io.Writer, e entry, ref string) {
	fmt.Fprintf(out, "%-20s  %-19s  %s\n", cmp.Or(e.Name, e.ClusterName, e.ID), cmp.Or(e.ClusterType, e.TypeName), ref)
}

// readAll returns the entries of all pages. The library has no list of clusters, but reads any path.
func readAll(ctx context.Context, client *restorejobs.Client, path string) ([]entry, error) {
	var entries []entry
	for number := 1; ; number++ {
		var page struct {
			Results []entry `json:"results"`
			Links   []struct {
				Rel string `json:"rel"`
			} `json:"links"`
		}
		if err := client.Do(ctx, http.MethodGet, fmt.Sprintf("%s?pageNum=%d&itemsPerPage=100", path, number), nil, &page); err != nil {
			return entries, fmt.Errorf("the list ends after %s: %w", harness.Plural(len(entries), "cluster"), err)
		}
		entries = append(entries, page.Results...)
		hasNext := false
		for _, link := range page.Links {
			hasNext = hasNext || link.Rel == "next"
		}
		if !hasNext || len(page.Results) == 0 {
			return entries, nil
		}
	}
}

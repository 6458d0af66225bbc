// Snapshots lists the snapshots of a cluster, and proposes the newest complete one. It uses
// [restorejobs.Client.Do], which sends any request of the API.
//
//	go run ./examples/snapshots
//	go run ./examples/snapshots -ref atlasv2/groups/PROJECT/clusters/CLUSTER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, harness.Args(), os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("snapshots [flags]", restorejobstest.AtlasV2Cluster)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	env, err := flags.Open()
	if err != nil {
		return err
	}
	defer env.Close()
	return show(ctx, env, out)
}

func show(ctx context.Context, env *harness.Env, out io.Writer) error {
	snapshots, err := list(ctx, env)
	if err != nil {
		return err
	}
	var complete, others []snapshot
	for _, s := range snapshots {
		if s.problem() == "" {
			complete = append(complete, s)
		} else {
			others = append(others, s)
		}
	}
	// The order depends on the variant: flex clusters list the oldest first.
	slices.SortStableFunc(complete, func(a, b snapshot) int { return b.taken().Compare(a.taken()) })
	for _, s := range complete {
		fmt.Fprintf(out, "%s  %s\n", s.ID, s.taken().UTC().Format(time.RFC3339))
	}
	for _, s := range others {
		fmt.Fprintf(out, "%s  cannot be restored: %s\n", s.ID, s.problem())
	}
	switch {
	case len(complete) > 0:
		fmt.Fprintf(out, "restore the newest: go run ./examples/create %s -snapshot %s\n", env.Flag(), complete[0].ID)
	case len(others) > 0:
		fmt.Fprintf(out, "no complete snapshot of %s\n", env.Source.Ref())
	default:
		fmt.Fprintf(out, "no snapshots of %s\n", env.Source.Ref())
	}
	return nil
}

// snapshot has the fields of every variant that this program needs.
type snapshot struct {
	ID            string                `json:"id"`
	Complete      *bool                 `json:"complete"`      // classic
	MissingShards []json.RawMessage     `json:"missingShards"` // classic
	Created       restorejobs.Timestamp `json:"created"`       // classic
	Status        string                `json:"status"`        // Atlas and flex clusters
	CreatedAt     time.Time             `json:"createdAt"`     // Atlas clusters
	FinishTime    time.Time             `json:"finishTime"`    // flex clusters
}

// problem returns why the snapshot cannot be restored, or "".
func (s *snapshot) problem() string {
	switch {
	case len(s.MissingShards) > 0:
		return "a shard is missing"
	case s.Complete != nil && *s.Complete:
		return ""
	case strings.EqualFold(s.Status, "completed"):
		return ""
	default:
		return cmp.Or(s.Status, "not complete")
	}
}

func (s *snapshot) taken() time.Time {
	switch {
	case !s.Created.IsZero():
		return s.Created.Date
	case !s.FinishTime.IsZero():
		return s.FinishTime
	default:
		return s.CreatedAt
	}
}

// list reads every list that can contain snapshots of the source.
func list(ctx context.Context, env *harness.Env) ([]snapshot, error) {
	path, hasShardedList := snapshotsPath(env.Client, env.Source)
	all, err := pages(ctx, env.Client, path)
	if err != nil || !hasShardedList {
		return all, err
	}
	// Atlas lists the snapshots of sharded clusters under a separate path, without pages.
	var sharded snapshotList
	err = env.Client.Do(ctx, http.MethodGet, path+"/shardedClusters", nil, &sharded)
	return append(all, sharded.Results...), err
}

type snapshotList struct {
	Results []snapshot         `json:"results"`
	Links   []restorejobs.Link `json:"links"`
}

// pages reads a list to its last page.
func pages(ctx context.Context, client *restorejobs.Client, path string) ([]snapshot, error) {
	var all []snapshot
	for number := 1; ; number++ {
		var page snapshotList
		if err := client.Do(ctx, http.MethodGet, fmt.Sprintf("%s?pageNum=%d", path, number), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Results...)
		hasNext := slices.ContainsFunc(page.Links, func(link restorejobs.Link) bool { return link.Rel == "next" })
		if !hasNext || len(page.Results) == 0 {
			return all, nil
		}
	}
}

// snapshotsPath returns the path of the snapshots of a source, and whether the snapshots of
// sharded clusters have a list of their own below it.
func snapshotsPath(client *restorejobs.Client, source *restorejobs.Source) (path string, hasShardedList bool) {
	project := source.ProjectID()
	cluster := source.ClusterID()
	base := "/api/public/v1.0/groups/" + url.PathEscape(project)
	switch source.Variant() {
	case restorejobs.VariantAtlasV1:
		base = "/api/atlas/v1.0/groups/" + url.PathEscape(project)
	case restorejobs.VariantAtlasV2:
		base = "/api/atlas/v2/groups/" + url.PathEscape(project)
	case restorejobs.VariantCloudManager, restorejobs.VariantOpsManager, restorejobs.VariantMMS:
	}
	escaped := url.PathEscape(cluster)
	switch source.Ref() {
	case client.CloudManager.Host(project, cluster).Ref(), client.OpsManager.Host(project, cluster).Ref():
		return base + "/hosts/" + escaped + "/snapshots", false
	case client.AtlasV1.Cluster(project, cluster).Ref(), client.AtlasV2.Cluster(project, cluster).Ref():
		return base + "/clusters/" + escaped + "/backup/snapshots", true
	case client.AtlasV1.Serverless(project, cluster).Ref(), client.AtlasV2.Serverless(project, cluster).Ref():
		return base + "/serverless/" + escaped + "/backup/snapshots", false
	case client.AtlasV2.Flex(project, cluster).Ref():
		return base + "/flexClusters/" + escaped + "/backup/snapshots", false
	default:
		return base + "/clusters/" + escaped + "/snapshots", false
	}
}

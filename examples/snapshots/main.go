// Snapshots lists the snapshots that can be restored. This library has no method for
// that; [restorejobs.Client.Do] asks the API for anything.
//
//	go run ./examples/snapshots
//	go run ./examples/snapshots -ref atlasv2/groups/PROJECT/clusters/CLUSTER
//
// Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, target.Args(), os.Stdout)
	stop()
	os.Exit(target.Exit(os.Stderr, err))
}

// snapshotList is as much of the answer as this program needs. Classic variants say
// when in created, Atlas clusters in createdAt, and flex clusters in finishTime.
type snapshotList struct {
	Results []struct {
		ID         string                `json:"id"`
		Created    restorejobs.Timestamp `json:"created"`
		CreatedAt  time.Time             `json:"createdAt"`
		FinishTime time.Time             `json:"finishTime"`
	} `json:"results"`
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := target.NewFlags("snapshots [flags]", restorejobstest.AtlasV2Cluster)
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	t, err := flags.Open()
	if err != nil {
		return err
	}
	defer t.Close()

	var list snapshotList
	if err := t.Client.Do(ctx, http.MethodGet, snapshotsPath(t.Jobs.Ref()), nil, &list); err != nil {
		return err
	}
	for _, snapshot := range list.Results {
		taken := snapshot.CreatedAt
		switch {
		case !snapshot.Created.IsZero():
			taken = snapshot.Created.Date
		case !snapshot.FinishTime.IsZero():
			taken = snapshot.FinishTime
		}
		fmt.Fprintf(out, "%s  %s\n", snapshot.ID, taken.UTC().Format(time.RFC3339))
	}
	if len(list.Results) > 0 {
		fmt.Fprintf(out, "restore the first: go run ./examples/create %s -snapshot %s\n", t.Flag(), list.Results[0].ID)
	}
	return nil
}

// snapshotsPath makes the path of the snapshots that belong to a reference, such as
// atlasv2/groups/{project}/clusters/{cluster}.
func snapshotsPath(ref string) string {
	parts := strings.Split(ref, "/")
	product, project, kind, cluster := parts[0], parts[2], parts[3], parts[4]
	base := map[string]string{"atlasv1": "/api/atlas/v1.0", "atlasv2": "/api/atlas/v2"}[product]
	switch {
	case base == "":
		base = "/api/public/v1.0"
		return base + "/groups/" + project + "/" + kind + "/" + cluster + "/snapshots"
	case kind == "legacyClusters":
		return base + "/groups/" + project + "/clusters/" + cluster + "/snapshots"
	default:
		return base + "/groups/" + project + "/" + kind + "/" + cluster + "/backup/snapshots"
	}
}

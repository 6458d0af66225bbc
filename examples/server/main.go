// Server serves the test server of every product until Ctrl-C, so that a program of your own can use it.
// The jobs and snapshots are those of quickstart. All data is in memory.
//
//	go run ./examples/server
//	go run ./examples/server -listen 127.0.0.1:0 -takes 1m
//
// It prints a line for the shell of the program, and the clusters with their references.
//
// Exit codes: 0 stopped by Ctrl-C, 1 failed, 2 bad usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(harness.ExitCode(os.Stderr, err))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := harness.NewFlags("server [flags]", restorejobstest.OpsManagerCluster, "ref", "scope")
	address := flags.String("listen", "127.0.0.1:8480", "`address` of loopback with a port; port 0 is any free one")
	takes := flags.Duration("takes", 10*time.Second, "`duration` of a restore")
	if err := flags.Read(args, 0, out); err != nil {
		return err
	}
	if *takes < 0 {
		return harness.Usage("-takes must not be negative")
	}
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(*takes))
	defer server.Close()
	var addressErr *net.AddrError
	switch err := server.Listen(*address); {
	case errors.As(err, &addressErr):
		return harness.Usage("-listen: " + addressErr.Error())
	case err != nil:
		return err
	}
	if err := describe(out, server.URL()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// describe prints what a program needs: the line for its shell, and the clusters.
func describe(out io.Writer, url string) error {
	fmt.Fprintf(out, "serving %s until Ctrl-C\n", url)
	fmt.Fprintf(out, "API key          %s, %s\n", restorejobstest.PublicKey, restorejobstest.PrivateKey)
	fmt.Fprintf(out, "service account  %s, %s\n", restorejobstest.ClientID, restorejobstest.ClientSecret)
	fmt.Fprintln(out, "in the shell of your program:")
	fmt.Fprintln(out, "export "+strings.Join(environment(url), " "))
	fmt.Fprintln(out)

	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROJECT\tCLUSTER\tTARGET\tREFERENCE")
	for _, scope := range restorejobstest.Scopes() {
		names := []string{"–", "–", "–"}
		if hasNames(scope) {
			names = []string{scope.ProjectName(), scope.ClusterName(), scope.TargetName()}
		}
		fmt.Fprintf(table, "%s\t%s\n", strings.Join(names, "\t"), scope.Ref())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "–  is found by its reference only")
	return err
}

// environment returns the variables of a client. The empty ones would come before the key, so that a
// real credential would be sent here.
func environment(url string) []string {
	return []string{
		"MONGODB_ATLAS_ACCESS_TOKEN=",
		"MONGODB_ATLAS_CLIENT_ID=",
		"MONGODB_ATLAS_CLIENT_SECRET=",
		"MONGODB_ATLAS_PUBLIC_API_KEY=" + restorejobstest.PublicKey,
		"MONGODB_ATLAS_PRIVATE_API_KEY=" + restorejobstest.PrivateKey,
		"MONGODB_ATLAS_BASE_URL=" + url,
	}
}

// hasNames reports whether FindCluster finds the source of a scope.
func hasNames(scope restorejobstest.Scope) bool {
	switch scope {
	case restorejobstest.CloudManagerCluster, restorejobstest.OpsManagerCluster,
		restorejobstest.AtlasV2Cluster, restorejobstest.AtlasV2Flex:
		return true
	default:
		return false
	}
}

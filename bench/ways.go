package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"example.com/restorejobs"
)

// The names of ways to download an archive. A limit does only one part of the work.
const (
	ours1       = "ours, one connection"
	ours4       = "ours, four connections"
	ours8       = "ours, eight connections"
	handPiped   = "by hand, hash beside the writes"
	onePass     = "io.Copy to file and hash"
	curlSum     = "curl, then sha1sum"
	curlOpenSSL = "curl, then openssl dgst -sha1"
	aria4       = "aria2c -x4, then sha1sum"
	aria8       = "aria2c -x8, then sha1sum"
	handRanges  = "by hand, four ranges without a hash"

	networkAlone = "network alone"
	sha1Alone    = "SHA-1 alone"
	writeAlone   = "write and fsync alone"
)

// way is one way to download an archive, which ends with a complete file and its SHA-1, or a limit.
type way struct {
	name     string
	programs []string // that it needs
	fetch    func(a *archive, ctx context.Context) error
}

// Programs that print the SHA-1 of a file.
var (
	bySHA1Sum = []string{"sha1sum"}
	byOpenSSL = []string{"openssl", "dgst", "-sha1", "-r"}
)

// missing is a program that the way needs and that is not installed, or empty.
func (w *way) missing() string {
	for _, program := range w.programs {
		if _, err := exec.LookPath(program); err != nil {
			return program
		}
	}
	return ""
}

func (a *archive) byOurs(ctx context.Context) error { return a.byConnections(ctx, 0) }

// byConnections downloads with this library.
func (a *archive) byConnections(ctx context.Context, connections int) error {
	jobs, err := a.jobs()
	if err != nil {
		return err
	}
	files, err := jobs.Download(ctx, []string{jobID(0)}, a.folder, restorejobs.DownloadOptions{Connections: connections})
	if err != nil {
		return err
	}
	if len(files) != 1 || !files[0].Verified {
		return fmt.Errorf("not verified: %v", files)
	}
	return a.checked(files[0].SHA1)
}

func (a *archive) jobs() (*restorejobs.Jobs, error) {
	client, err := restorejobs.NewClient(restorejobs.APIKey(user, password), restorejobs.WithBaseURL(a.base))
	if err != nil {
		return nil, err
	}
	return client.OpsManager.Cluster(projectID, clusterID).Jobs, nil
}

// toDiscard downloads with this library, and keeps nothing.
func (a *archive) toDiscard(ctx context.Context) error {
	jobs, err := a.jobs()
	if err != nil {
		return err
	}
	file, err := jobs.DownloadTo(ctx, jobID(0), io.Discard, restorejobs.DownloadOptions{})
	if err == nil && file.SHA1 != a.sum {
		err = errors.New("wrong SHA-1 " + file.SHA1)
	}
	return err
}

func (a *archive) hashAlone(context.Context) error {
	if a.hash(a.size) != a.sum {
		return errors.New("wrong SHA-1")
	}
	return nil
}

func (a *archive) networkAlone(ctx context.Context) error { return a.discardRange(ctx, 0, a.size) }

func (a *archive) discardRange(ctx context.Context, first, end int64) error {
	resp, err := a.request(ctx, first, end)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	const bufferSize = 1 << 20
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, make([]byte, bufferSize))
	if err == nil && n != end-first {
		err = fmt.Errorf("%d bytes", n)
	}
	return err
}

func (a *archive) writeAlone(context.Context) error {
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	for rest := a.size; rest > 0 && err == nil; rest -= int64(len(a.piece)) {
		_, err = file.Write(a.piece[:min(rest, int64(len(a.piece)))])
	}
	return errors.Join(err, file.Sync(), file.Close())
}

func (a *archive) byOnePass(ctx context.Context) error {
	resp, err := a.request(ctx, 0, a.size)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	hash := sha1.New()
	_, err = io.Copy(io.MultiWriter(file, hash), resp.Body)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return a.checked(hex.EncodeToString(hash.Sum(nil)))
}

// byPipeline is the yardstick: one goroutine reads and writes, another one hashes.
func (a *archive) byPipeline(ctx context.Context, sync bool) error {
	resp, err := a.request(ctx, 0, a.size)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	sum, err := copyHashed(file, resp.Body)
	if sync {
		err = errors.Join(err, file.Sync())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return a.checked(sum)
}

func copyHashed(file io.Writer, body io.Reader) (sum string, err error) {
	const (
		buffers    = 4
		bufferSize = 512 << 10
	)
	free := make(chan []byte, buffers)
	full := make(chan []byte, buffers)
	for range buffers {
		free <- make([]byte, bufferSize)
	}
	hash := sha1.New()
	var hashing sync.WaitGroup
	hashing.Go(func() {
		for data := range full {
			_, _ = hash.Write(data) // never fails
			free <- data[:bufferSize]
		}
	})
	for err == nil {
		data := <-free
		var n int
		n, err = io.ReadFull(body, data)
		if _, writeErr := file.Write(data[:n]); writeErr != nil {
			err = writeErr
		}
		full <- data[:n]
	}
	close(full)
	hashing.Wait()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the length is verified
	}
	return hex.EncodeToString(hash.Sum(nil)), err
}

func (a *archive) byCurl(ctx context.Context, sum []string) error {
	curl := exec.CommandContext(ctx, "curl", "--silent", "--fail", "--output", a.fetched(), a.url())
	if err := curl.Run(); err != nil {
		return fmt.Errorf("curl: %w", err)
	}
	return a.sumWith(ctx, sum)
}

func (a *archive) byAria(ctx context.Context, connections string) error {
	aria := exec.CommandContext(ctx, "aria2c", "--quiet", "--no-conf", "-x"+connections, "-s"+connections, "-k1M",
		"--file-allocation=falloc", "--dir="+a.folder, "--out="+archiveName, a.url())
	if err := aria.Run(); err != nil {
		return fmt.Errorf("aria2c: %w", err)
	}
	return a.sumWith(ctx, bySHA1Sum)
}

// sumWith hashes the file with a program.
func (a *archive) sumWith(ctx context.Context, program []string) error {
	arguments := slices.Concat(program[1:], []string{a.fetched()})
	out, err := exec.CommandContext(ctx, program[0], arguments...).Output()
	if err != nil {
		return fmt.Errorf("%s: %w", program[0], err)
	}
	sum, _, _ := bytes.Cut(out, []byte(" "))
	return a.checked(strings.TrimSpace(string(sum)))
}

// byRanges is the yardstick for the hash: it writes four ranges where they belong, syncs the
// file, and verifies nothing.
func (a *archive) byRanges(ctx context.Context) error {
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	const connections = 4
	errs := make([]error, connections)
	var running sync.WaitGroup
	for i := range int64(connections) {
		running.Go(func() { errs[i] = a.writeRange(ctx, file, i*a.size/connections, (i+1)*a.size/connections) })
	}
	running.Wait()
	return errors.Join(errors.Join(errs...), file.Sync(), file.Close())
}

// writeRange writes the bytes from first up to end.
func (a *archive) writeRange(ctx context.Context, file *os.File, first, end int64) error {
	resp, err := a.request(ctx, first, end)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	const bufferSize = 1 << 20
	_, err = io.CopyBuffer(struct{ io.Writer }{io.NewOffsetWriter(file, first)}, resp.Body, make([]byte, bufferSize))
	return err
}

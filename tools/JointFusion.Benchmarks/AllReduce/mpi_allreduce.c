/* The peer of the all-reduce benchmark: mpi_allreduce VOLUME BYTES...: so many calls of each size that they sum VOLUME bytes.
   Prints "BYTES SECONDS" a call: the slowest rank's time. In place, as training sums its gradients. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    int rank, ranks;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    long volume = atol(argv[1]);
    for (int a = 2; a < argc; a++) {
        long bytes = atol(argv[a]);
        int calls = (int)(volume / bytes);
        int length = (int)(bytes / (long)sizeof(float));
        float *buffer = malloc((size_t)bytes);
        for (int i = 0; i < length; i++) buffer[i] = 1;
        MPI_Allreduce(MPI_IN_PLACE, buffer, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        if (buffer[0] != (float)ranks || buffer[length - 1] != (float)ranks) MPI_Abort(MPI_COMM_WORLD, 1);
        memset(buffer, 0, (size_t)bytes);
        double until = MPI_Wtime() + 0.3;
        int warm = 1;
        while (warm) {
            MPI_Allreduce(MPI_IN_PLACE, buffer, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
            warm = MPI_Wtime() < until;
            MPI_Bcast(&warm, 1, MPI_INT, 0, MPI_COMM_WORLD);
        }
        for (int call = 0; call < calls; call++) {
            MPI_Barrier(MPI_COMM_WORLD);
            double start = MPI_Wtime();
            MPI_Allreduce(MPI_IN_PLACE, buffer, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
            double mine = MPI_Wtime() - start, slowest;
            MPI_Reduce(&mine, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
            if (rank == 0) printf("%ld %.9f\n", bytes, slowest);
        }
        free(buffer);
    }
    MPI_Finalize();
    return 0;
}

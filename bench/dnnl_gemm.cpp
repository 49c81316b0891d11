// Times oneDNN's float32 matrix product: prints one JSON line a size.
// Build: g++ -O2 -o dnnl_gemm dnnl_gemm.cpp -ldnnl
#include <dnnl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 1.0;
  for (int n : {256, 384, 512, 768, 1024}) {
    std::vector<float> a(n * n), b(n * n), c(n * n);
    for (int i = 0; i < n * n; i++) {
      a[i] = float(i * 7 % 13) / 13 - 0.5f;
      b[i] = float(i * 5 % 11) / 11 - 0.5f;
    }
    auto once = [&] {
      auto t = std::chrono::steady_clock::now();
      dnnl_sgemm('N', 'N', n, n, n, 1.f, a.data(), n, b.data(), n, 0.f, c.data(), n);
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
    };
    double best = once(), spent = 0;
    while (spent < seconds) {
      double s = once();
      spent += s;
      if (s < best) best = s;
    }
    printf("{\"bench\":\"gemm-%d\",\"side\":\"onednn\",\"ms\":%.4f,\"gflops\":%.1f}\n", n, best * 1e3, 2e-9 * n * n * n / best);
    fflush(stdout);
  }
}
